"""Words of danger: who reads them must act at once (domain.md: gas, fire, smoke, a fallen wire,
somebody shut in a lift, a missing manhole cover, somebody hurt).

Knows phrases only. A phrase must say that it is so now: "燃气费" or "消防通道" are no danger.
"""

import re
from typing import Final

_PHRASES: Final = (
    r"(?:煤气|燃气|天然气|液化气|瓦斯)(?:味|泄漏|泄露|漏了|(?:还|又|一直|正)?在漏|[还又]漏|漏气)|漏(?:煤气|燃气|天然气)",
    r"(?:闻到|闻见)(?:了)?(?:一)?(?:股)?(?:煤气|燃气|天然气)|(?:煤气|燃气|一氧化碳)中毒",
    r"(?<![没未不防怕心一易会])(?:着火|起火|失火)(?!点|隐患|风险|怎么|锅|车站|炉|盆)",
    r"着大火|火灾了|(?<![没未不])冒(?:浓|黑)?烟",
    r"触电了|漏电伤人|(?:电线|高压线|电缆)(?:掉下来|掉到?地上|掉落|断落|断了掉|垂到?地上)",
    r"(?:困|关|卡)在(?:了)?电梯|电梯(?:里)?(?:困人|困住|有人被困)",
    r"井盖(?:没了|不见了|丢了|被偷|缺失|掉了)|(?:没有|缺了?|少了?)(?:个)?井盖",
    r"救命|有人(?:晕倒|昏倒|摔伤|受伤|被砸|跳楼|溺水)|要跳楼|(?:老人|孩子|大爷|大妈)(?:晕倒|昏倒|摔伤)",
)
_DANGER: Final = re.compile("|".join(_PHRASES))


def is_dangerous(text: str) -> bool:
    return _DANGER.search(text) is not None
