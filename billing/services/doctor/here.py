"""This side: database, migrations, worker."""

from __future__ import annotations

from django.db import Error as AnyDatabaseError
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from billing.models import WorkerHeartbeat
from billing.services.doctor.context import Context
from billing.services.doctor.finding import Finding, fault, not_checked, ok

PROBE_ID = "doctor"


def check_database(context: Context) -> Finding:
    """It answers, and a row can be written (and is taken back)."""
    name = "database"
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        is_ready = WorkerHeartbeat._meta.db_table in connection.introspection.table_names()
        if is_ready:
            with transaction.atomic():
                WorkerHeartbeat.objects.create(worker_id=PROBE_ID, beat_at=context.now)
                transaction.set_rollback(True)
    except AnyDatabaseError as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else ""
        return fault(
            name,
            f"{connection.vendor} refuses reads or writes ({type(error).__name__}: {reason})",
            "Look at DATABASE_URL, at whether the database runs and has room, and at the rights of its user "
            "(for SQLite: of the file and its folder).",
        )
    context.database_works = is_ready
    return ok(name, f"{connection.vendor} answers" + (" and takes writes" if is_ready else ""))


def check_migrations(context: Context) -> Finding:
    """All of them, of every installed app."""
    name = "migrations"
    executor = MigrationExecutor(connection)
    waiting = [migration for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if not waiting:
        return ok(name, "all applied")
    apps = ", ".join(sorted({migration.app_label for migration in waiting}))
    return fault(name, f"{len(waiting)} not applied ({apps})", "Run `python manage.py migrate`.")


def check_worker(context: Context) -> Finding:
    """Somebody works the inbox and completes checkouts."""
    name = "worker"
    if not context.database_works:
        return not_checked(name, "the database has to work first")
    beat = WorkerHeartbeat.objects.order_by("-beat_at").first()
    fix = "Start `python manage.py billing_worker`, and have the system's supervisor keep it running."
    if beat is None:
        return fault(name, "no worker has ever been heard of: webhooks and checkouts wait", fix)
    seconds = round((context.now - beat.beat_at).total_seconds())
    if not beat.is_alive(context.now):
        return fault(name, f"the last worker was heard of {seconds} s ago: webhooks and checkouts wait", fix)
    return ok(name, f"heard of {max(0, seconds)} s ago")
