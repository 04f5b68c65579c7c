"""What capital costs by the year."""

from __future__ import annotations


def usd_per_year(purchase_usd: float, salvage_usd: float, years: float, cost_of_capital: float) -> float:
    """The level yearly payment that a purchase is worth, less what it is sold for at the end of its life.

    Capital recovery with return, (P - S) (A/P, r, n) + S r (Thuesen and Fabrycky, Engineering Economy, 1993, equation
    7.4); a straight line without a cost of capital.

    Args:
        purchase_usd: P, paid at the start.
        salvage_usd: S, received after n years.
        years: n, more than zero.
        cost_of_capital: r, as a fraction per year.
    """
    lost = purchase_usd - salvage_usd
    if cost_of_capital == 0:
        return lost / years
    recovery = cost_of_capital / (1 - float((1 + cost_of_capital) ** -years))
    return lost * recovery + salvage_usd * cost_of_capital
