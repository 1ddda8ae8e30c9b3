"""Tables as kubectl writes them."""

from ringfence.cli.columns import columns
from ringfence.cli.terminal import Terminal

TITLES = ("CLIENT", "SERVER", "PORT")
ROWS = (("edge/gateway", "shop/web", "8080/TCP"), ("public", "", "443/TCP"))


def test_columns_stand_three_apart_without_trailing_spaces() -> None:
    """An empty cell is written as kubectl writes it."""
    assert list(columns(TITLES, rows=ROWS, terminal=Terminal())) == [
        "CLIENT         SERVER     PORT",
        "edge/gateway   shop/web   8080/TCP",
        "public         <none>     443/TCP",
    ]


def test_a_table_that_fits_exactly_keeps_its_columns() -> None:
    """The edge of the terminal is still inside."""
    assert len(list(columns(TITLES, rows=ROWS, terminal=Terminal(34)))) == len(ROWS) + 1


def test_on_a_narrow_terminal_each_row_is_a_block_and_nothing_is_cut() -> None:
    """Titles travel with their values."""
    assert list(columns(TITLES, rows=ROWS, terminal=Terminal(25))) == [
        "edge/gateway",
        "  server shop/web,",
        "  port 8080/TCP",
        "public",
        "  server <none>,",
        "  port 443/TCP",
    ]


def test_a_hostile_name_cannot_move_the_cursor() -> None:
    """Escapes are shown, not obeyed."""
    lines = list(columns(("NAME",), rows=[("a\x1b[2J\nb\u202e",)], terminal=Terminal()))

    assert lines == ["NAME", "a\\x1b[2J\\nb\\u202e"]
