from django.urls import path

from . import views
from .views import programs

app_name = "documents"

urlpatterns = [
    path("", views.index, name="index"),
    path("documents/", views.upload, name="upload"),
    path("parts/", views.parts, name="parts"),
    path("parts/<uuid:pk>/", views.part, name="part"),
    path("preferences/", views.preferences, name="preferences"),
    path("documents/<uuid:pk>/", views.document, name="document"),
    path("documents/<uuid:pk>/progress/", views.progress, name="progress"),
    path("documents/<uuid:pk>/text/", views.text, name="text"),
    path("documents/<uuid:pk>/pages/<int:number>/", views.page, name="page"),
    path("documents/<uuid:pk>/pages/<int:number>/image/", views.page_image, name="page-image"),
    path("documents/<uuid:pk>/pages/<int:number>/thumbnail/", views.thumbnail, name="thumbnail"),
    path("documents/<uuid:pk>/pages/<int:number>/lines/<slug:line>/", views.correct, name="correct"),
    path("documents/<uuid:pk>/pages/<int:number>/lines/<slug:line>/back/", views.take_back, name="take-back"),
    path("documents/<uuid:pk>/pages/<int:number>/lines/<slug:line>/history/", views.line_history, name="line-history"),
    path("documents/<uuid:pk>/pages/<int:number>/retry/", views.retry, name="retry-page"),
    path("documents/<uuid:pk>/original/", views.original, name="original"),
    path("documents/<uuid:pk>/activity/", views.activity, name="activity"),
    path("documents/<uuid:pk>/activity/table/", views.activity_table, name="activity-table"),
    path("documents/<uuid:pk>/export/<slug:suffix>/", views.export, name="export"),
    path("documents/<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("documents/<uuid:pk>/retry/", views.retry, name="retry"),
    path("documents/<uuid:pk>/runs/", views.read_again, name="read-again"),
    path("documents/<uuid:pk>/compare/", views.compare, name="compare"),
    path("documents/<uuid:pk>/runs/<uuid:run_pk>/current/", views.make_current, name="make-current"),
    path("programs/", programs.overview, name="programs"),
    path("programs/tokens/", programs.make_token, name="make-token"),
    path("programs/tokens/<int:pk>/revoke/", programs.revoke_token, name="revoke-token"),
    path("programs/webhooks/", programs.make_webhook, name="make-webhook"),
    path("programs/webhooks/<int:pk>/", programs.webhook, name="webhook"),
    path("programs/webhooks/<int:pk>/switch/", programs.switch_webhook, name="switch-webhook"),
    path("programs/webhooks/<int:pk>/ping/", programs.ping_webhook, name="ping-webhook"),
    path("programs/webhooks/<int:pk>/delete/", programs.delete_webhook, name="delete-webhook"),
    path("programs/webhooks/<int:pk>/deliveries/<uuid:delivery>/", programs.redeliver, name="redeliver"),
]
