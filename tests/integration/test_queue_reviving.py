"""What a worker held when it died is put back, and nothing of it stands in anybody's way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarion.queue.engine import ProcrastinateEngine

if TYPE_CHECKING:
    from clarion.db.connection import Database


async def ask_for(engine: ProcrastinateEngine, database: Database, *marks: str) -> None:
    async with database.as_worker() as connection:
        for mark in marks:
            await engine.defer(connection, "note", once=mark, alone=mark, mark=mark)


async def a_worker_takes_all_and_dies(database: Database) -> None:
    async with database.as_worker() as connection:
        await connection.execute(
            "with dead as (insert into procrastinate.procrastinate_workers (last_heartbeat)"
            " values (now() - interval '1 hour') returning id)"
            " update procrastinate.procrastinate_jobs set status = 'doing', worker_id = dead.id"
            " from dead where status = 'todo'"
        )


async def marks_waiting(database: Database) -> list[str]:
    async with database.as_worker() as connection:
        cursor = await connection.execute(
            "select args->>'mark' as mark from procrastinate.procrastinate_jobs"
            " where status = 'todo' order by 1"
        )
        return [row["mark"] for row in await cursor.fetchall()]


async def test_one_that_was_asked_for_again_meanwhile_does_not_keep_the_others_from_coming_back(
    database: Database, dsn: str
) -> None:
    engine = ProcrastinateEngine(dsn)
    done: list[str] = []

    async def note(*, mark: str) -> None:
        done.append(mark)

    engine.task("note", note)
    await ask_for(engine, database, "a", "b")
    await a_worker_takes_all_and_dies(database)
    await ask_for(engine, database, "a")
    async with engine.app.open_async():
        assert await engine.revive() == 2
        assert await marks_waiting(database) == ["a", "b"]
        assert await engine.revive() == 0
        # What is left of the first one does not hold its mark: the second one can run.
        await engine.app.run_worker_async(wait=False, install_signal_handlers=False)
    assert sorted(done) == ["a", "b"]
    assert await marks_waiting(database) == []
