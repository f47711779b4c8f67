"""temporary"""
from jumeau.territory.model import Territory
def complete(territory: Territory, factors, seed: int) -> Territory:
    return territory
