"""Solves min-cost flows with OR-Tools; the only file that knows it.

Knows nodes and arcs as arrays. Must not know households, liaisons or anything else that a flow may
mean.
"""

from collections.abc import Sequence
from typing import Any

from bot.core.tree_flow import Network


class Unsolved(Exception):
    """The network has no flow, or its costs are beyond 64 bits. Of our making, not of people's."""


def solve(network: Network) -> Sequence[int]:
    """The flow of each arc, of all flows the cheapest; the same network, the same flow.

    Raises Unsolved.
    """
    if not network.tails:
        return []
    # Loaded for the first flow: a quarter of a second and much memory, and few processes deal.
    import numpy as np
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    def array(numbers: Any) -> Any:
        """The same memory seen as numpy sees it."""
        return np.frombuffer(numbers, dtype=np.int64)

    flow: Any = SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        array(network.tails),
        array(network.heads),
        array(network.capacities),
        array(network.costs),
    )
    supplies = array(network.supplies)
    flow.set_nodes_supplies(np.arange(len(supplies)), supplies)
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise Unsolved(str(status))
    found: list[int] = flow.flows(arcs).tolist()
    return found
