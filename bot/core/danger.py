"""Words of danger: who reads them must act at once (domain.md: gas, fire, smoke, a fallen wire,
somebody shut in a lift, a missing manhole cover, somebody hurt).

Knows phrases only. A phrase must say that it is so now: "燃气费" or "消防通道" are no danger.
"""

import re
from typing import Final

_PHRASES: Final = (
    r"(?:煤气|燃气|天然气|液化气|瓦斯)(?:味|泄漏|泄露|漏了|在漏|漏气)|漏(?:煤气|燃气|天然气)",
    r"(?<!没)(?<!未)(?:着火了|起火了|失火了|着大火|火灾了|冒(?:浓|黑)?烟)",
    r"触电了|漏电伤人|电线(?:掉下来|掉地上|断了掉)",
    r"(?:困|关|卡)在(?:了)?电梯|电梯(?:里)?(?:困人|困住|有人被困)",
    r"井盖(?:没了|不见了|丢了|被偷)",
    r"救命|有人(?:晕倒|昏倒|受伤|跳楼|溺水)|要跳楼",
)
_DANGER: Final = re.compile("|".join(_PHRASES))


def is_dangerous(text: str) -> bool:
    return _DANGER.search(text) is not None
