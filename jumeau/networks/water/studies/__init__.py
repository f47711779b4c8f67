"""What water services ask of their network as it stands: one study per file."""

from jumeau.networks.water.studies.balance import BALANCE
from jumeau.networks.water.studies.calibration import CALIBRATION
from jumeau.networks.water.studies.criticality import CRITICALITY
from jumeau.networks.water.studies.fire_flow import FIRE_FLOW
from jumeau.networks.water.studies.isolation import ISOLATION
from jumeau.networks.water.studies.renewal import RENEWAL

STUDIES = (FIRE_FLOW, ISOLATION, CRITICALITY, RENEWAL, BALANCE, CALIBRATION)
