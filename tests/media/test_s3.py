"""Files in an S3-compatible store: a real S3 server on this machine stands for it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import s3fs
from moto.server import ThreadedMotoServer

from bot.media.keeping import Files, StoreAway
from tests.build import NOW

from .conftest import NewChats
from .test_carrying import carried_by_another_store

URL = "s3://neighbours/media"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadedMotoServer]:
    """With a bucket; the address and the keys are in the environment, as an operator sets them."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    given = {
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "a-key",
        "AWS_SECRET_ACCESS_KEY": "a-secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    s3fs.S3FileSystem().makedirs("neighbours", exist_ok=True)
    yield server
    server.stop()
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.mark.usefixtures("store")
def test_what_is_kept_is_read_again_and_dropped() -> None:
    kept = Files(URL)
    kept.check(NOW)
    name = kept.keep(b"\0voice", "amr", NOW)
    assert Files(URL).read(name) == b"\0voice"
    kept.drop(name)
    kept.drop(name)
    with pytest.raises(StoreAway, match="gone"):
        kept.read(name)


@pytest.mark.usefixtures("store")
def test_many_threads_keep_at_once() -> None:
    kept, contents = Files(URL), [bytes([number]) * 200_000 for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda content: kept.keep(content, "jpg", NOW), contents))
        assert list(pool.map(kept.read, names)) == contents


def test_a_bucket_that_is_none_and_a_store_that_is_away_say_so(store: ThreadedMotoServer) -> None:
    with pytest.raises(StoreAway, match="not kept"):
        Files("s3://nowhere/media").keep(b"x", "jpg", NOW)
    store.stop()
    began = time.monotonic()
    with pytest.raises(StoreAway, match="not kept"):
        Files(URL).keep(b"x", "jpg", NOW)
    assert time.monotonic() - began < 60  # a fetching has a lease of minutes


@pytest.mark.usefixtures("store")
def test_a_picture_goes_through_it_from_phone_to_phone(new_chats: NewChats) -> None:
    carried_by_another_store(new_chats(media_url=URL))
