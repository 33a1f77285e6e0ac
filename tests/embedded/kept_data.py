"""Writing to both servers, and counting what is there."""

from dataclasses import dataclass

import psycopg
import redis


@dataclass(frozen=True)
class Counts:
    rows: int
    entries: int


def add_one(database_url: str, redis_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (said text)")
        connection.execute("INSERT INTO words VALUES ('电梯坏了')")
    with redis.Redis.from_url(redis_url) as client:
        client.rpush("words", "电梯坏了")


def counts(database_url: str, redis_url: str) -> Counts:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM words WHERE said = '电梯坏了'").fetchone()
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        entries = client.lrange("words", 0, -1)
    assert row is not None
    return Counts(rows=row[0], entries=[*entries].count("电梯坏了"))
