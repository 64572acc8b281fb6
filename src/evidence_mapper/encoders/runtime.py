"""OpenVINO, loaded without its telemetry."""

import sys
from typing import Any

TELEMETRY = "openvino_telemetry"


def load_openvino() -> Any:  # noqa: ANN401 - the package has no types
    """Return the module `openvino`; the only place where it is imported.

    As it comes, its import reports itself to its maker over the network. With the telemetry
    package barred, it falls back on a stub that sends nothing.
    """
    sys.modules.setdefault(TELEMETRY, None)  # type: ignore[arg-type]
    import openvino

    return openvino
