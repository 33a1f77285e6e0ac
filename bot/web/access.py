"""Who may read the wall display: keys made from SECRET_KEY, compared in constant time.

Knows keys and the Authorization header's form. Must not know what is shown.
"""

import hashlib
import hmac


def board_key(secret_key: str) -> str:
    """The display's key under this SECRET_KEY: HMAC-SHA256 in 64 hexadecimal digits."""
    return hmac.new(secret_key.encode(), b"board", hashlib.sha256).hexdigest()


def holds(authorization: str | None, key: str) -> bool:
    """Whether an Authorization header brings this key as a bearer token (RFC 6750, 2.1)."""
    scheme, _, given = (authorization or "").partition(" ")
    right = hmac.compare_digest(given.strip().encode(), key.encode())
    return right and scheme.lower() == "bearer"
