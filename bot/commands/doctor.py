"""`doctor`: everything the service stands on, what is the matter with it, and what to do.

Knows the order of looking and the form of `doctor --json` (contract section 7). What the database
holds is judged in `findings`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import click
import psycopg
from psycopg.rows import DictRow
from redis.exceptions import RedisError

from bot.bootstrap import CANNOT_START, Bot
from bot.commands import duty_words, push_words, reach_words, wechat_words
from bot.commands.findings import Check, Level, broken, clock, clocks_apart, findings
from bot.commands.opening import built, database_words, quieten
from bot.commands.printing import CHINA, document, json_option, table
from bot.commands.reach_words import OutOfReach
from bot.core.duty import Gap, gaps
from bot.core.standing import Terms
from bot.core.workdays import Calendar
from bot.desk.kept import KEPT_IN_REDIS, UNREADABLE
from bot.embedded import ServersError, announced_in
from bot.media.keeping import StoreAway
from bot.store import breaches, duties, promises, unreached
from bot.store.engine import transaction
from bot.store.push_faults import push_faults
from bot.store.reasons import DATABASE_ERRORS
from bot.surroundings import check_wechat, lent, simulated
from bot.wechat import misfits
from bot.wechat.client import WeChat
from bot.wechat.inspection import Finding
from config.settings import Settings, load, wechat_needs

_HORIZON_DAYS: Final = 45
_LOOKING_S: Final = 120.0
_PATIENCE: Final = timedelta(minutes=1)
_SIGNS: Final = {Level.OK: "正常", Level.WARN: "注意", Level.FAIL: "故障"}


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """体检：数据库、Redis、微信、时钟、日历、设置和承诺。有故障时退出码为 1。"""
    checks = tuple(_checks())
    broken = any(check.level is Level.FAIL for check in checks)
    if as_json:
        document({"ok": not broken, "checks": checks})
    else:
        rows = [(_SIGNS[check.level], check.name, check.text) for check in checks]
        click.echo(table(("结果", "项目", "说明"), rows))
    if broken:
        raise click.exceptions.Exit(1)


def _checks() -> Iterator[Check]:
    try:
        settings = load()
        quieten(settings)
        check_wechat(settings)
        # Servers of our own that run for this command only have nobody working on them.
        at_work = settings.database_url is not None or announced_in(settings.data_dir) is not None
        with lent(settings) as complete, built(complete) as bot:
            yield Check("settings", Level.OK, "设置都说得通。")
            yield from _checks_of(bot, at_work=at_work)
    except CANNOT_START as error:
        yield Check("settings", Level.FAIL, str(error))
    except ServersError as error:
        yield Check("database", Level.FAIL, str(error))


def _checks_of(bot: Bot, *, at_work: bool) -> Iterator[Check]:
    now = bot.now()
    tiers = [tier.key for tier in bot.ladder.tiers]
    try:
        with bot.engine.begin() as connection:
            found = promises.look(connection, now, bot.ladder.tick, tiers, _PATIENCE)
            faults = push_faults(connection)
        with transaction(bot.engine, within_s=_LOOKING_S) as looking:
            terms = Terms(bot.ladder, bot.calendars.current(looking), now)
            breaches_found = breaches.look(looking, terms)
            lacking = _gaps(looking, now)
            out_of_reach = OutOfReach(
                unreached.below(looking, None),
                unreached.issues_with(looking, "stuck"),
                unreached.issues_with(looking, "unknown"),
            )
    except DATABASE_ERRORS as error:
        yield Check("database", Level.FAIL, database_words(error))
    else:
        yield Check("database", Level.OK, "数据库可用，表结构齐全。")
        yield clock(found.beat_at, found.database_at, bot.ladder.tick, at_work=at_work)
        yield from clocks_apart(now, found.database_at)
        yield from findings(found)
        yield from broken(breaches_found)
        yield from push_words.checks(faults)
        yield from reach_words.checks(out_of_reach)
        yield duty_words.check(lacking)
    yield _redis(bot)
    yield _files(bot)
    yield from _wechat(bot, bot.settings)
    yield calendar_check(bot.calendar, now)


def _gaps(looking: psycopg.Connection[DictRow], now: datetime) -> dict[str, Sequence[Gap]]:
    today = now.astimezone(CHINA).date()
    found = {one.name: gaps(one.rows, today, one.away) for one in duties.by_unit(looking, today)}
    return {unit: lacks for unit, lacks in found.items() if lacks}


def _redis(bot: Bot) -> Check:
    try:
        kept, unreadable = (bot.redis.xlen(name) for name in (KEPT_IN_REDIS, UNREADABLE))
    except RedisError:
        return Check("redis", Level.FAIL, "Redis 连不上：请确认它已启动，并核对 REDIS_URL。")
    if kept:
        words = f"{kept} 条来信还在 Redis 里，没进数据库：请确认 clock 在运行，此前不要清空 Redis。"
        return Check("redis", Level.WARN, words)
    if unreadable:
        words = f"{unreadable} 条来信读不出来，留在 Redis 的 {UNREADABLE}：请交给开发者。"
        return Check("redis", Level.WARN, words)
    return Check("redis", Level.OK, "Redis 可用。")


def _files(bot: Bot) -> Check:
    try:
        bot.files.check(bot.now())
    except StoreAway as error:
        words = f"图片和语音存不下来（{error}）：请核对 MEDIA_URL，或 DATA_DIR 能不能写。"
        return Check("files", Level.FAIL, words)
    return Check("files", Level.OK, "图片和语音有地方存。")


def _wechat(bot: Bot, settings: Settings) -> Iterator[Check]:
    needed = wechat_needs(settings)
    nobody_there = settings.wechat_api_url == Settings.model_fields["wechat_api_url"].default
    if any(getattr(settings, name) is None for name in needed):
        names = "、".join(name.upper() for name in needed)
        words = f"还没有微信账号的设置：请填 {names}，或用 make run 在模拟器里试用。"
        yield Check("wechat", Level.WARN, words)
    elif simulated(settings) and nobody_there:
        yield Check("wechat", Level.WARN, "微信是模拟的，现在没有运行：make run 会启动它。")
    else:
        yield from wechat_words.checks(_account(bot, settings))
        yield from wechat_words.misfits(misfits.noted(bot.redis, settings.wechat_appid or ""))
        if settings.wechat_mode == "plain" and not simulated(settings):
            words = "明文模式下谁都能冒充微信：正式使用请在后台和 WECHAT_MODE 都选安全模式。"
            yield Check("wechat_mode", Level.WARN, words)


def _account(bot: Bot, settings: Settings) -> Sequence[Finding]:
    wechat = WeChat(
        settings.wechat_api_url,
        settings.wechat_appid or "",
        settings.wechat_secret or "",
        bot.redis,
    )
    return wechat.inspect(settings.wechat_template_notice, settings.wechat_subscription_notice)


def calendar_check(calendar: Calendar, now: datetime) -> Check:
    """How far the holidays are known; a warning from 45 days before their end, never a failure."""
    today = now.astimezone(CHINA).date()
    if calendar.horizon is None or (calendar.horizon - today).days <= _HORIZON_DAYS:
        until = f"只到 {calendar.horizon}" if calendar.horizon else "没有"
        return Check(
            "calendar",
            Level.WARN,
            f"放假安排{until}，之后的时限按周一至周五暂估："
            "次年安排公布后请运行 python -m bot calendar load 文件。",
        )
    return Check("calendar", Level.OK, f"放假安排到 {calendar.horizon}。")
