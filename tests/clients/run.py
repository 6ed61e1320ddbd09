#!/usr/bin/env python3
"""Drives every simulator with API clients that nobody here wrote, and compares what they see with the world.

Each script is named `<vendor>.<client>.py` or `.mjs`. It is given where its simulator stands and what a client
should find, and says which checks held. Packages are pinned in requirements.txt and package.json and installed
below target/, into an environment of their own. Where Python or Node lacks what that takes, a line says what is
skipped and why; nothing else is ever skipped.

    python3 tests/clients/run.py [--binary PATH] [NAME ...]

Exit code 0 when every check held, 1 when one did not, 2 when the rig itself broke.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PLACE = ROOT / "target" / "clients"
#: A client that has not ended by then hangs.
SCRIPT_TIMEOUT_S = 120
INSTALL_TIMEOUT_S = 600


def world():
    """A tenant of enough records for several pages, with names that break sloppy quoting."""
    odd = ["O'Brien & Sons", 'The "Quoted" Clinic', "Zażółć Gęślą", "100% Legal", "Semi; Colon, Ltd.", "Plus+Minus"]
    tenant = {"company": "Northwind IT", "organizations": {}, "locations": {}, "contacts": {}, "devices": {}}
    for n in range(60):
        name = odd[n] if n < len(odd) else f"Client {n:03}"
        inactive = n % 20 == 19
        tenant["organizations"][f"o{n}"] = {
            "name": name,
            "short_name": f"CL{n:03}",
            "type": "Client",
            "status": "Inactive" if inactive else "Active",
        }
        tenant["locations"][f"l{n}"] = {
            "organization": f"o{n}",
            "name": "Main",
            "address_1": f"{n + 1} Harbour Street",
            "city": "Halifax",
            "region": "NS",
            "postal_code": "B3H 1A1",
            "country": "Canada",
            "phone": f"902-555-{n:04}",
            "primary": True,
        }
        for m in range(2):
            tenant["contacts"][f"c{n}x{m}"] = {
                "organization": f"o{n}",
                "location": f"l{n}",
                "first_name": ["Pat", "Sam"][m],
                "last_name": f"Rowe{n:03}",
                "title": "Office manager",
                "emails": [{"address": f"{['pat', 'sam'][m]}{n}@client{n}.example"}],
                "phones": [{"number": f"902-555-1{n:03}"}],
            }
        for m in range(4):
            tenant["devices"][f"d{n}x{m}"] = {
                "organization": f"o{n}",
                "location": f"l{n}",
                "name": f"C{n:03}-WS{m}",
                "serial": f"5CG{n:03}{m}XYZ",
                "macs": [f"00:1B:44:{n:02X}:3A:{m:02X}"],
                "manufacturer": "Dell Inc.",
                "model": "Latitude 5440",
                "os": "Microsoft Windows 11 Pro",
            }
    return tenant


class Skipped(Exception):
    """Something that a script needs is not on this machine."""


def installed(kind, manifest, install):
    """Runs `install` unless the manifest is the one that was installed last. Gives the folder."""
    folder = PLACE / kind
    mark = folder / "installed"
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    if not (mark.exists() and mark.read_text() == digest):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        install(folder)
        mark.write_text(digest)
    return folder


def call(command, **options):
    """Runs a program that installs something; what it says is the reason when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Skipped(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise Skipped(f"{' '.join(map(str, command[:3]))} failed: {''.join(last)}")


def python():
    """The interpreter with the pinned packages."""
    if sys.version_info < (3, 11):
        raise Skipped("the packages need Python 3.11 or later")
    manifest = HERE / "requirements.txt"

    def install(folder):
        call([sys.executable, "-m", "venv", folder])
        call([folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--requirement", manifest])

    return installed("python", manifest, install) / "bin" / "python"


def node():
    """Node, and the folder with the pinned packages."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise Skipped("there is no Node here")
    manifest = HERE / "package.json"

    def install(folder):
        shutil.copy(manifest, folder)
        call(["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"], cwd=folder)

    return shutil.which("node"), installed("node", manifest, install)


class Server:
    """A simulator, plain or over TLS."""

    def __init__(self, binary, vendor, tenant, folder, tls):
        self.ready_file = Path(folder) / ("tls.json" if tls else "plain.json")
        command = [binary, "serve", vendor, "--tenant", tenant, "--ready-file", self.ready_file]
        self.process = subprocess.Popen(
            command + (["--tls"] if tls else []), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for _ in range(600):
            if self.ready_file.exists():
                self.ready = json.loads(self.ready_file.read_text())
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.process.kill()
        raise RuntimeError(f"{vendor} does not come up: {self.process.communicate()[1]}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def play(binary, script, tenant, tenant_file):
    """Plays one script; gives its checks, as (name, trouble or None)."""
    vendor = script.name.split(".")[0]
    with tempfile.TemporaryDirectory() as folder:
        if script.suffix == ".py":
            command, where = [python(), script], HERE
        else:
            interpreter, where = node()
            # Modules are looked for beside the script that imports them.
            for file in HERE.glob("*.mjs"):
                shutil.copy(file, where)
            command = [interpreter, where / script.name]
        servers = []
        try:
            for tls in (False, True):
                servers.append(Server(binary, vendor, tenant_file, folder, tls))
            plain, tls = (server.ready for server in servers)
            task = Path(folder) / "task.json"
            task.write_text(json.dumps({"plain": plain, "tls": tls, "world": tenant}))
            environment = os.environ | {"SYNCRIG_TASK": str(task), "NODE_EXTRA_CA_CERTS": tls["ca_file"]}
            done = subprocess.run(
                command, cwd=where, env=environment, capture_output=True, text=True, timeout=SCRIPT_TIMEOUT_S
            )
        finally:
            for server in servers:
                server.stop()
    checks = []
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            check = json.loads(line)
            checks.append((check["check"], check.get("trouble")))
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-14:]
        checks.append(("the script runs to its end", "\n".join(last)))
    elif not checks:
        checks.append(("the script checks something", "it said nothing"))
    return checks


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=ROOT / "target" / "debug" / "syncrig", type=Path)
    parser.add_argument("names", nargs="*", help="only scripts whose name contains one of these")
    arguments = parser.parse_args()
    if not arguments.binary.exists():
        print(f"there is no {arguments.binary}: `cargo build` makes it", file=sys.stderr)
        return 2
    scripts = sorted([*HERE.glob("*.*.py"), *HERE.glob("*.*.mjs")])
    if arguments.names:
        scripts = [script for script in scripts if any(name in script.name for name in arguments.names)]
    PLACE.mkdir(parents=True, exist_ok=True)
    tenant = world()
    # JSON is YAML.
    tenant_file = PLACE / "tenant.yaml"
    tenant_file.write_text(json.dumps(tenant))
    failed = 0
    for script in scripts:
        name = script.name.rsplit(".", 1)[0]
        try:
            checks = play(arguments.binary, script, tenant, tenant_file)
        except Skipped as because:
            print(f"{name}: skipped: {because}")
            continue
        except subprocess.TimeoutExpired:
            checks = [("the script ends", f"it has not after {SCRIPT_TIMEOUT_S} s")]
        troubles = [(check, trouble) for check, trouble in checks if trouble is not None]
        failed += len(troubles)
        print(f"{name}: {len(checks) - len(troubles)} of {len(checks)} checks held", flush=True)
        for check, trouble in troubles:
            text = str(trouble).replace("\n", "\n    ")
            print(f"  {check}\n    {text}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
