"""Alembic's entry: runs the revisions on the connection that `marketplace.schema` hands in."""

from alembic import context

from marketplace.schema import metadata, ours

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata(),
    include_object=ours,
    compare_type=True,
    user_module_prefix="",
)
with context.begin_transaction():
    context.run_migrations()
