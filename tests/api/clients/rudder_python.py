"""rudder-sdk-python: events one after another, then the end of the process. Arguments: url, key, how many, seconds between."""

import sys
import time

from rudderstack.analytics.client import Client

url, key, total, pause = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
troubles = []
client = Client(key, host=url, upload_size=5, on_error=lambda error, batch: troubles.append(error))
for n in range(total):
    client.track("u", f"rudder_python.py {n}")
    time.sleep(pause)
client.flush()
client.join()
sys.exit(f"gave up: {troubles}" if troubles else 0)
