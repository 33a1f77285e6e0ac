"""What a message costs is a matter of what its speaker has to do with, not of what there is."""

from bot.core.messages import Kind, Said
from bot.store.engine import transaction
from bot.store.hearing import Act, hear
from tests.town import Town

_OTHERS = 300


def issues_read(town: Town, who: str) -> int:
    """Rows of issues that are gone through to hear `who` say something."""
    said = Said(f"asked-{who}", who, "gh", Kind.TEXT, "话", town.watch.at)
    with transaction(town.bot.engine) as connection:
        hear(connection, [Act(said)], town.bot.ladder, town.watch.at)
        [read] = connection.execute(
            "select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows"
            " from pg_stat_xact_user_tables where relname = 'issues'"
        )
        connection.rollback()
    return int(read["rows"])


def test_a_resident_costs_no_more_for_what_others_have_open(town: Town) -> None:
    for number in range(_OTHERS):
        town.says(f"生人{number}", "电梯坏了")
    # As in a district: of many who hold something each holds a little.
    town.connection.execute("update issues set holder_id = (select min(id) from people) + no % 5")
    town.connection.execute("analyze")
    town.bot.engine.dispose()  # what is planned from now on is planned for as many
    assert issues_read(town, "生人0") < _OTHERS / 4
