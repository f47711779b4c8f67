"""How much of a signal is lost on its way through a town: log-distance models and Okumura-Hata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jumeau.i18n import _
from jumeau.radio.tables import known, rows

Floats = NDArray[np.float64]

#: Surroundings that Okumura-Hata knows.
SURROUNDINGS = ("urban", "suburban", "open")

#: Where Okumura-Hata was fitted: distance [km] and height of the base [m].
HATA_DISTANCE, HATA_HEIGHT = (1.0, 20.0), (30.0, 200.0)

#: Scatter about Okumura-Hata [dB]; a choice, within the 8 to 10 dB that planners use.
HATA_SCATTER = 8.0

#: Nearer than this, models of distance mean nothing, and this distance is taken [m].
NEAREST = 10.0


@dataclass(frozen=True)
class LossModel:
    """A model of path loss by name.

    Attributes
    ----------
    name : str
    scatter : float
        Standard deviation of the shadowing about the median [dB].
    nearest, farthest : float
        Distances between which it was fitted or is meant [km].
    loss, exponent, reference : float
        Loss at the reference distance [dB], exponent [1], reference distance [m]; of log-distance models.
    surroundings : str
        Of Okumura-Hata; empty for log-distance models.
    """

    name: str
    scatter: float
    nearest: float
    farthest: float
    loss: float = 0.0
    exponent: float = 0.0
    reference: float = 1000.0
    surroundings: str = ""

    def median(self, distance: ArrayLike, height: ArrayLike, frequency: float, device_height: float = 1.5) -> Floats:
        """Return the median loss [dB].

        Parameters
        ----------
        distance : array_like
            [m].
        height : array_like
            Of the gateway's antenna above ground [m]; log-distance models do not ask for it.
        frequency : float
            [MHz].
        device_height : float
            [m].
        """
        far = np.maximum(np.asarray(distance, dtype=np.float64), NEAREST)
        if not self.surroundings:
            return log_distance(far, self.loss, self.exponent, self.reference)
        return hata(far / 1000.0, height, frequency, max(device_height, 1.0), self.surroundings)


def log_distance(distance: ArrayLike, loss: float, exponent: float, reference: float) -> Floats:
    """Return the loss of a log-distance model [dB]: loss + 10 n log10(d / d0).

    Parameters
    ----------
    distance : array_like
        [m].
    loss : float
        At the reference distance [dB].
    exponent : float
        n [1].
    reference : float
        d0 [m].

    Notes
    -----
    The logarithm is of base ten. LoRaSim takes the natural one, which more than doubles the exponent.
    """
    return np.asarray(loss + 10.0 * exponent * np.log10(np.asarray(distance, dtype=np.float64) / reference))


def hata(
    distance: ArrayLike,
    height: ArrayLike,
    frequency: float = 868.0,
    device_height: float = 1.5,
    surroundings: str = "urban",
) -> Floats:
    """Return the median loss of Okumura-Hata, small and medium town [dB].

    Parameters
    ----------
    distance : array_like
        [km]; fitted from 1 to 20.
    height : array_like
        Of the base above ground [m]; fitted from 30 to 200. Lower ones are taken as 1 m at least.
    frequency : float
        [MHz].
    device_height : float
        [m].
    surroundings : str
        One of `SURROUNDINGS`. The corrections of the last two are recalled, unverified.

    References
    ----------
    M. Hata, "Empirical formula for propagation loss in land mobile radio services", IEEE Trans. Veh. Technol. 29, 1980,
    as coded in mclab-hbrs/lora-bonn, survey/analyze.ipynb.

    Examples
    --------
    >>> float(hata(1.0, 30.0).round(2)), float(hata(1.0, 16.0).round(2))
    (125.99, 129.77)
    """
    known(surroundings, SURROUNDINGS, _("unknown surroundings of a path loss"))
    far, base = np.asarray(distance, dtype=np.float64), np.maximum(np.asarray(height, dtype=np.float64), 1.0)
    log_f, log_h = np.log10(frequency), np.log10(base)
    device = 0.8 + (1.1 * log_f - 0.7) * device_height - 1.56 * log_f
    urban = 69.55 + 26.16 * log_f - 13.82 * log_h - device + (44.9 - 6.55 * log_h) * np.log10(far)
    if surroundings == "suburban":
        urban = urban - 2.0 * np.log10(frequency / 28.0) ** 2 - 5.4
    elif surroundings == "open":
        urban = urban - 4.78 * log_f**2 + 18.33 * log_f - 40.94
    return np.asarray(urban, dtype=np.float64)


@cache
def loss_models() -> dict[str, LossModel]:
    """Return the models by name: those of `models.csv`, then Okumura-Hata's three."""
    found = {
        row["model"]: LossModel(
            row["model"],
            float(row["scatter"]),
            float(row["nearest"]),
            float(row["farthest"]),
            float(row["loss"]),
            float(row["exponent"]),
            float(row["reference_distance"]),
        )
        for row in rows("models.csv")
    }
    for name in SURROUNDINGS:
        found[f"hata_{name}"] = LossModel(f"hata_{name}", HATA_SCATTER, *HATA_DISTANCE, surroundings=name)
    return found


def loss_model(name: str) -> LossModel:
    """Return a model of path loss by name.

    Raises
    ------
    InputError
        When there is none of that name.
    """
    models = loss_models()
    return models[known(name, list(models), _("unknown model of path loss"))]


def outside(model: LossModel, heights: Sequence[float]) -> int:
    """Return how many gateways are lower or higher than what a model was fitted on; none where it asks for none."""
    if not model.surroundings:
        return 0
    low, high = HATA_HEIGHT
    return sum(not low <= float(item) <= high for item in heights)


def reach(model: LossModel, budget: float, share: float = 0.9, height: float = 30.0, frequency: float = 868.0) -> float:
    """Return the distance at which a share of the places still have a link [m].

    Parameters
    ----------
    model : LossModel
    budget : float
        Loss that the link bears [dB], losses into buildings taken off.
    share : float
        Of the places at that distance, over the shadowing.
    height : float
        Of the gateway [m].
    frequency : float
        [MHz].
    """
    from scipy.special import ndtri

    left = budget - float(ndtri(share)) * model.scatter
    at_km = float(model.median(1000.0, height, frequency))
    slope = float(model.median(10_000.0, height, frequency)) - at_km
    return float(1000.0 * 10.0 ** ((left - at_km) / slope))
