"""Opens a run's project in QGIS, with QGIS's own Python, and prints what it finds there as JSON.

python3 qgis_check.py FOLDER PICTURE
"""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PyQt5.QtCore import QSize
from qgis.core import (
    QgsApplication,
    QgsLayerTreeGroup,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsVectorLayer,
)


def rendered(layer):
    renderer = layer.renderer()
    if renderer.type() == "graduatedSymbol":
        classes = [
            (item.lowerValue(), item.upperValue(), item.label(), item.symbol().color().name())
            for item in renderer.ranges()
        ]
    elif renderer.type() == "categorizedSymbol":
        classes = [(item.value(), item.label()) for item in renderer.categories()]
    else:
        classes = []
    return {"type": renderer.type(), "classes": classes}


def tree(group):
    found = {}
    for child in group.children():
        if isinstance(child, QgsLayerTreeGroup):
            found[child.name()] = tree(child)
        else:
            found.setdefault("layers", []).append(child.layerId())
    return found


def described(layer):
    return {
        "valid": layer.isValid(),
        "name": layer.name(),
        "count": layer.featureCount(),
        "crs": layer.crs().authid(),
        "aliases": {field.name(): layer.attributeAlias(place) for place, field in enumerate(layer.fields())},
        **rendered(layer),
    }


def picture(project, layers, path):
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(project.crs())
    settings.setBackgroundColor(project.backgroundColor())
    settings.setExtent(layers[0].extent())
    settings.setOutputSize(QSize(1400, 1000))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(path)


folder, path = sys.argv[1:]
application = QgsApplication([], False)  # noqa: FBT003
application.initQgis()
project = QgsProject.instance()
found = {"read": project.read(f"{folder}/jumeau.qgs"), "title": project.title(), "crs": project.crs().authid()}
root = project.layerTreeRoot()
found["tree"] = tree(root)
found["layers"] = {
    node.layerId(): described(node.layer()) if node.layer() is not None else {"valid": False}
    for node in root.findLayers()
}
shown = [node.layer() for node in root.findLayers() if node.isVisible()]
found["shown"] = [layer.id() for layer in shown]
opened = QgsVectorLayer(f"{folder}/assets.gpkg|layername=lighting_lamps__baseline", "lamps", "ogr")
found["opened_alone"] = described(opened)
picture(project, shown, path)
print("\n" + json.dumps(found))
sys.stdout.flush()
os._exit(0)  # QGIS's own tidying up crashes where Python still holds layers
