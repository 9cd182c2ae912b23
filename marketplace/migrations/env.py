"""Alembic's entry: runs the revisions on the connection that `marketplace.schema` hands in."""

from alembic import context

from marketplace.schema import metadata, ours

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata(),
    include_object=ours,
    render_as_batch=True,
    compare_type=True,
    user_module_prefix="types.",
)
with context.begin_transaction():
    context.run_migrations()
