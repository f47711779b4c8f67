"""The account: quantities that networks give, one price list, and what both make in energy, money and CO2.

A network returns quantities (kilowatt-hours, litres, hours, euros of parts) and its bill; what others buy too it does
not price. `value` turns both into the lines of the account, for one network as for the whole territory, and `FIGURES`
are the four of them that come first: energy, fuel, CO2, cost.
"""

from jumeau.accounts.lines import FIGURES, LINES, Line
from jumeau.accounts.price_list import BASE_YEAR, account_factors, brought_to
from jumeau.accounts.quantity import VOCABULARY, Quantity, Vocabulary, read_quantities
from jumeau.accounts.valuation import Installed, energy_content, lines_fed, lines_of, value

#: Name under which figures of all networks together stand where a network's name stands else.
TOTAL = "total"

__all__ = [
    "BASE_YEAR",
    "FIGURES",
    "LINES",
    "TOTAL",
    "VOCABULARY",
    "Installed",
    "Line",
    "Quantity",
    "Vocabulary",
    "account_factors",
    "brought_to",
    "energy_content",
    "lines_fed",
    "lines_of",
    "read_quantities",
    "value",
]
