"""Phone numbers as people write them → one spelling, so that a person can be known by it.

Knows mainland China's numbers: mobile numbers of 11 digits, and landlines with their area code
(numbering plan of the MIIT). Must not know whose a number is.
"""

import re
import unicodedata
from typing import Final

_ORNAMENTS: Final = re.compile(r"[\s\-‐-―−().·]")
_COUNTRY: Final = re.compile(r"^(?:(?:\+|00)?86(?=1[3-9][0-9]{9}$|0[1-9])|\+86)")
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE: Final = re.compile(r"0(?:10|2[0-9])[2-9][0-9]{7}|0[3-9][0-9]{2}[2-9][0-9]{6,7}")


def normalised(text: str) -> str | None:
    """The digits alone (`13800000001`, `01069546688`), or None where it is no phone number.

    Takes spaces, dashes, brackets, full-width digits, a country code, and the `.0` that a
    spreadsheet leaves on a number.
    """
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix(".0")
    digits = _COUNTRY.sub("", _ORNAMENTS.sub("", plain))
    if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return digits
    return None
