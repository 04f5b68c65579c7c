"""Offers chosen from many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from capsim.prices.offer import Offer


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is not given leaves all.

    Attributes:
        words: all of them stand in the name.
        providers: one of them.
        accelerators: one of them is part of the accelerator's name.
        region: exactly.
        commitment: how long the buyer is bound.
    """

    words: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    accelerators: tuple[str, ...] = ()
    region: str | None = None
    commitment: str | None = None

    def fits(self, offer: Offer) -> bool:
        """Whether an offer is looked for; upper and lower case are one."""
        name, accelerator = offer.name.lower(), offer.accelerator.lower()
        return (
            all(word.lower() in name or word.lower() in accelerator for word in self.words)
            and (not self.providers or offer.provider.lower() in {each.lower() for each in self.providers})
            and (not self.accelerators or any(each.lower() in accelerator for each in self.accelerators))
            and self.region in {None, offer.region}
            and self.commitment in {None, offer.commitment}
        )


def chosen(offers: Iterable[Offer], wanted: Wanted) -> list[Offer]:
    """Those that fit, by provider and then by price."""
    return sorted(filter(wanted.fits, offers), key=lambda offer: (offer.provider, offer.usd_per_hour, offer.name))
