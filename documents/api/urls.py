from django.contrib.auth.decorators import login_required
from django.urls import path

from .account import Me
from .documents import Documents, Folders, OneDocument
from .files import Export, Original
from .pages import OneLine, OnePage, Order, PageImage
from .recognise import Recognise
from .reference import Reference, Schema
from .runs import CancelRun, MakeRunCurrent, OneRun, RetryRun, Runs
from .search import Search
from .shares import OneShare, Shares

app_name = "api"

urlpatterns = [
    path("documents/", Documents.as_view(), name="documents"),
    path("documents/<uuid:pk>/", OneDocument.as_view(), name="document"),
    path("documents/<uuid:pk>/original/", Original.as_view(), name="original"),
    path("documents/<uuid:pk>/export/<slug:suffix>/", Export.as_view(), name="export"),
    path("documents/<uuid:pk>/pages/<int:number>/", OnePage.as_view(), name="page"),
    path("documents/<uuid:pk>/pages/<int:number>/order/", Order.as_view(), name="order"),
    path("documents/<uuid:pk>/pages/<int:number>/image/", PageImage.as_view(), name="page-image"),
    path("documents/<uuid:pk>/pages/<int:number>/lines/<slug:line>/", OneLine.as_view(), name="line"),
    path("documents/<uuid:pk>/runs/", Runs.as_view(), name="runs"),
    path("documents/<uuid:pk>/runs/<uuid:run>/", OneRun.as_view(), name="run"),
    path("documents/<uuid:pk>/runs/<uuid:run>/cancel/", CancelRun.as_view(), name="cancel-run"),
    path("documents/<uuid:pk>/runs/<uuid:run>/retry/", RetryRun.as_view(), name="retry-run"),
    path("documents/<uuid:pk>/runs/<uuid:run>/current/", MakeRunCurrent.as_view(), name="make-run-current"),
    path("documents/<uuid:pk>/shares/", Shares.as_view(), name="shares"),
    path("documents/<uuid:pk>/shares/<int:share>/", OneShare.as_view(), name="share"),
    path("folders/", Folders.as_view(), name="folders"),
    path("search/", Search.as_view(), name="search"),
    path("recognise/", Recognise.as_view(), name="recognise"),
    path("me/", Me.as_view(), name="me"),
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", login_required(Reference.as_view()), name="docs"),
]
