from django.contrib.auth.decorators import login_required
from django.urls import path

from documents import exports

from .account import Me
from .bulk import BulkMove, BulkReadAgain, BulkShare, BulkTag, BulkTrash, Bundle
from .documents import Documents, OneDocument
from .files import Original, UnknownFormat, export_in
from .folders import Folders, FolderShares, OneFolder, OneFolderShare, Tags
from .manifests import Manifests, OneManifest
from .page_moves import Join, MovePages, PageOrder, Pages, TakeOutPages, TurnPages
from .pages import Grid, OneBlock, OneLine, OnePage, Order, PageCheck, PageImage
from .proposals import AskModel, OneProposal, Proposals
from .recognise import Recognise, RecogniseBatch
from .reference import Reference, Schema
from .replacing import ApplyReplacement, OneReplacement, ReplacementLines, Replacements, UndoReplacement
from .runs import CancelRun, ImportRun, MakeRunCurrent, OneRun, RetryRun, Runs, VisionRun
from .search import Search, SearchByMeaning
from .shares import Links, OneLink, OneShare, Shares
from .trash import Restore, Trash, Trashed
from .webhooks import Deliveries, OneWebhook, PingWebhook, Redeliver, Webhooks

app_name = "api"

urlpatterns = [
    path("documents/", Documents.as_view(), name="documents"),
    path("documents/<uuid:pk>/", OneDocument.as_view(), name="document"),
    path("documents/<uuid:pk>/original/", Original.as_view(), name="original"),
    *(path(f"documents/<uuid:pk>/export/{name}/", export_in(name), name=f"export-{name}") for name in exports.FORMATS),
    path("documents/<uuid:pk>/export/<slug:suffix>/", UnknownFormat.as_view(), name="export"),
    path("documents/<uuid:pk>/pages/", Pages.as_view(), name="pages"),
    path("documents/<uuid:pk>/pages/order/", PageOrder.as_view(), name="page-order"),
    path("documents/<uuid:pk>/pages/turn/", TurnPages.as_view(), name="turn-pages"),
    path("documents/<uuid:pk>/pages/take-out/", TakeOutPages.as_view(), name="take-out-pages"),
    path("documents/<uuid:pk>/pages/move/", MovePages.as_view(), name="move-pages"),
    path("documents/<uuid:pk>/join/", Join.as_view(), name="join"),
    path("documents/<uuid:pk>/pages/<int:number>/", OnePage.as_view(), name="page"),
    path("documents/<uuid:pk>/pages/<int:number>/vision/", VisionRun.as_view(), name="vision"),
    path("documents/<uuid:pk>/pages/<int:number>/order/", Order.as_view(), name="order"),
    path("documents/<uuid:pk>/pages/<int:number>/blocks/<str:block>/", OneBlock.as_view(), name="block"),
    path("documents/<uuid:pk>/pages/<int:number>/blocks/<str:block>/grid/", Grid.as_view(), name="grid"),
    path("documents/<uuid:pk>/pages/<int:number>/check/", PageCheck.as_view(), name="check"),
    path("documents/<uuid:pk>/pages/<int:number>/image/", PageImage.as_view(), name="page-image"),
    path("documents/<uuid:pk>/pages/<int:number>/lines/<slug:line>/", OneLine.as_view(), name="line"),
    path("documents/<uuid:pk>/runs/", Runs.as_view(), name="runs"),
    path("documents/<uuid:pk>/runs/import/", ImportRun.as_view(), name="import-run"),
    path("documents/<uuid:pk>/runs/<uuid:run>/", OneRun.as_view(), name="run"),
    path("documents/<uuid:pk>/runs/<uuid:run>/cancel/", CancelRun.as_view(), name="cancel-run"),
    path("documents/<uuid:pk>/runs/<uuid:run>/retry/", RetryRun.as_view(), name="retry-run"),
    path("documents/<uuid:pk>/runs/<uuid:run>/current/", MakeRunCurrent.as_view(), name="make-run-current"),
    path("documents/<uuid:pk>/proposals/", Proposals.as_view(), name="proposals"),
    path("documents/<uuid:pk>/proposals/ask/", AskModel.as_view(), name="ask-model"),
    path("documents/<uuid:pk>/proposals/<int:proposal>/", OneProposal.as_view(), name="proposal"),
    path("documents/<uuid:pk>/shares/", Shares.as_view(), name="shares"),
    path("documents/<uuid:pk>/links/", Links.as_view(), name="links"),
    path("documents/<uuid:pk>/links/<uuid:link>/", OneLink.as_view(), name="link"),
    path("documents/<uuid:pk>/shares/<int:share>/", OneShare.as_view(), name="share"),
    path("bulk/tag/", BulkTag.as_view(), name="bulk-tag"),
    path("bulk/move/", BulkMove.as_view(), name="bulk-move"),
    path("bulk/share/", BulkShare.as_view(), name="bulk-share"),
    path("bulk/read-again/", BulkReadAgain.as_view(), name="bulk-read-again"),
    path("bulk/trash/", BulkTrash.as_view(), name="bulk-trash"),
    path("bulk/bundle/", Bundle.as_view(), name="bulk-bundle"),
    path("trash/", Trash.as_view(), name="trash"),
    path("trash/<uuid:pk>/", Trashed.as_view(), name="trashed"),
    path("trash/<uuid:pk>/restore/", Restore.as_view(), name="restore"),
    path("manifests/", Manifests.as_view(), name="manifests"),
    path("manifests/<uuid:manifest>/", OneManifest.as_view(), name="manifest"),
    path("tags/", Tags.as_view(), name="tags"),
    path("webhooks/", Webhooks.as_view(), name="webhooks"),
    path("webhooks/<int:webhook>/", OneWebhook.as_view(), name="webhook"),
    path("webhooks/<int:webhook>/ping/", PingWebhook.as_view(), name="ping-webhook"),
    path("webhooks/<int:webhook>/deliveries/", Deliveries.as_view(), name="deliveries"),
    path("webhooks/<int:webhook>/deliveries/<uuid:delivery>/repeat/", Redeliver.as_view(), name="redeliver"),
    path("replacements/", Replacements.as_view(), name="replacements"),
    path("replacements/<uuid:replacement>/", OneReplacement.as_view(), name="replacement"),
    path("replacements/<uuid:replacement>/lines/", ReplacementLines.as_view(), name="replacement-lines"),
    path("replacements/<uuid:replacement>/apply/", ApplyReplacement.as_view(), name="apply-replacement"),
    path("replacements/<uuid:replacement>/undo/", UndoReplacement.as_view(), name="undo-replacement"),
    path("folders/", Folders.as_view(), name="folders"),
    path("folders/<int:folder>/", OneFolder.as_view(), name="folder"),
    path("folders/<int:folder>/shares/", FolderShares.as_view(), name="folder-shares"),
    path("folders/<int:folder>/shares/<int:share>/", OneFolderShare.as_view(), name="folder-share"),
    path("search/", Search.as_view(), name="search"),
    path("search/meaning/", SearchByMeaning.as_view(), name="search-by-meaning"),
    path("recognise/", Recognise.as_view(), name="recognise"),
    path("recognise/batch/", RecogniseBatch.as_view(), name="recognise-batch"),
    path("me/", Me.as_view(), name="me"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", login_required(Reference.as_view()), name="docs"),
]
