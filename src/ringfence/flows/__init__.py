"""From what sources report to evidence: one frontier of columns, who the endpoints are, and one fold."""

from importlib.resources import files


def sql(name: str) -> str:
    """Return the SQL text of this package by name: ``place`` or ``fold``. `store` executes it."""
    return files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
