"""One lake and one Spark for all of these tests: Spark takes longer to start than they take together.

Spark works as it would on a cluster: two executors, processes of their own. Where pyspark or Java is missing, these tests say so and skip.
"""

import importlib.util
import shutil
from collections.abc import Callable, Iterator

import pytest

from tests.insight.engines.sample import sample
from tilth.insight.engine import Engine
from tilth.insight.lake import Lake

CLUSTER = "spark:local-cluster[2,1,1024]"
# For so few rows, Spark spends its time on compiling, planning and replanning what it then runs once, and on waiting for the executor
# that has some rows already. Whatever is joined is shuffled between the two.
DEFAULTS = """
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.sql.adaptive.enabled false
spark.sql.autoBroadcastJoinThreshold -1
spark.sql.lightweightPlanChangeValidation false
spark.sql.maxPlanStringLength 10
spark.ui.showConsoleProgress false
spark.locality.wait 0
spark.cleaner.referenceTracking false
spark.shuffle.compress false
spark.sql.inMemoryColumnarStorage.compressed false
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote
"""
Asking = Callable[[str], Engine]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever comes first waits for Spark to start, which takes its time on a busy machine."""
    for item in items:
        if item.get_closest_marker("spark"):
            item.add_marker(pytest.mark.timeout(900))


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return sample(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="session")
def duckdb(lake: Lake) -> Engine:
    return Engine(lake, "duckdb")


@pytest.fixture(scope="session")
def spark(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: bin/spark installs it")
    if shutil.which("java") is None:
        pytest.skip("Java is not installed: Spark needs 17 or newer")
    from pyspark.sql import SparkSession

    settings = tmp_path_factory.mktemp("spark")
    (settings / "spark-defaults.conf").write_text(DEFAULTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(settings))
        yield Engine(lake, CLUSTER)
    if running := SparkSession.getActiveSession():
        running.stop()
