"""The addresses of orders: nouns, then verbs."""

from __future__ import annotations

from django.urls import path

from orders.views import (
    amend,
    bulk,
    cancel,
    entry,
    finding,
    inbox,
    index,
    integrity,
    jobs,
    order,
    saved,
    steps,
    today,
    versions,
)

app_name = "orders"

urlpatterns = [
    path("", today.today, name="today"),
    path("integrity/", integrity.integrity, name="integrity"),
    path("orders/", index.index, name="list"),
    path("orders/review/", inbox.inbox, name="review"),
    path("orders/review/<int:pk>/", finding.finding, name="finding"),
    path("orders/review/<int:pk>/owner/", finding.owner, name="finding_owner"),
    path("orders/review/<int:pk>/looking/", finding.looking, name="finding_looking"),
    path("orders/bulk/", bulk.bulk, name="bulk"),
    path("jobs/", jobs.index, name="jobs"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/start/", jobs.start, name="job_start"),
    path("jobs/<int:pk>/stop/", jobs.stop, name="job_stop"),
    path("jobs/<int:pk>/retry/", jobs.retry, name="job_retry"),
    path("jobs/<int:pk>/results.csv", jobs.results, name="job_results"),
    path("jobs/<int:pk>/file/", jobs.file, name="job_file"),
    path("orders/display/", saved.display, name="display"),
    path("orders/views/", saved.save, name="save_view"),
    path("orders/views/counts/", saved.counts, name="view_counts"),
    path("orders/views/<int:pk>/", saved.change, name="change_view"),
    path("orders/views/<int:pk>/replace/", saved.replace, name="replace_view"),
    path("orders/views/<int:pk>/delete/", saved.delete, name="delete_view"),
    path("orders/new/", entry.new, name="new"),
    path("orders/new/outlook/", entry.outlook, name="outlook"),
    path("orders/new/customers/", entry.customers, name="customers"),
    path("orders/new/items/", entry.items, name="items"),
    path("orders/<str:number>/", order.overview, name="order"),
    path("orders/<str:number>/activity/", order.activity, name="activity"),
    path("orders/<str:number>/ledger/", order.ledger, name="ledger"),
    path("orders/<str:number>/allocation/", order.allocation, name="allocation"),
    path("orders/<str:number>/versions/", versions.versions, name="versions"),
    path("orders/<str:number>/amend/", amend.amend, name="amend"),
    path("orders/<str:number>/cancel/", cancel.cancel, name="cancel"),
    path("orders/<str:number>/payment/", steps.pay, name="payment"),
    path("orders/<str:number>/<slug:name>/", steps.take, name="step"),
]
