"""Builds the database of one project: python build.py NAME sqlite|postgres TARGET [--dump FILE] [--notes FILE].

TARGET is the file of SQLite, or the name of a database of Postgres on PGHOST. The models are those of the documents of
the old backends, the rows are the same in both.
"""

import argparse
import importlib.util
import json
import os
import shutil
import sys
import tempfile
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("name")
parser.add_argument("engine", choices=["sqlite", "postgres"])
parser.add_argument("target")
parser.add_argument("--dump")
parser.add_argument("--notes")
options = parser.parse_args()

# A copy, since Django writes the migrations beside the models.
folder = Path(tempfile.mkdtemp()) / "project"
shutil.copytree(Path(__file__).parent / options.name, folder)
for app in folder.glob("*/models.py"):
    (app.parent / "__init__.py").touch()
sys.path.insert(0, str(folder))
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location("project", folder / "project.py")
project = importlib.util.module_from_spec(spec)
spec.loader.exec_module(project)

import django  # noqa: E402
from django.conf import settings  # noqa: E402

HASHERS = ["PBKDF2", "PBKDF2SHA1", "Argon2", "BCryptSHA256", "BCrypt", "Scrypt", "MD5"]
database = (
    {"ENGINE": "django.db.backends.sqlite3", "NAME": options.target}
    if options.engine == "sqlite"
    else {"ENGINE": "django.db.backends.postgresql", "NAME": options.target, "HOST": os.environ["PGHOST"],
          "USER": os.environ.get("PGUSER", "postgres")}
)
own = dict(project.SETTINGS)
apps = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.admin",
        "django.contrib.messages"] + own.pop("INSTALLED_APPS")
settings.configure(
    SECRET_KEY="the secret key of the old backend, for tests",
    INSTALLED_APPS=apps,
    DATABASES={"default": database},
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    PASSWORD_HASHERS=[f"django.contrib.auth.hashers.{name}PasswordHasher" for name in HASHERS],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    # Tokens that the tests exchange.
    SIMPLE_JWT={"REFRESH_TOKEN_LIFETIME": timedelta(days=36500)},
    **own,
)
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.core.management import call_command  # noqa: E402

# Username, address, first and last name, algorithm of the password. Its text is "password of <username>".
PEOPLE = [
    ("ann", "ann@example.com", "Ann", "Ash", "pbkdf2_sha256"),
    ("bob", "Bob@Example.com", "Боб", "Браун", "pbkdf2_sha1"),
    ("carol", "", "", "", "argon2"),
    ("dan", "dan@example.com", "Dan", "", "bcrypt_sha256"),
    ("eve", "ann@example.com", "Eve", "", "bcrypt"),  # the address of somebody else
    ("frank", "not an address", "", "", "scrypt"),
    ("Ann", "", "Another", "Ann", "pbkdf2_sha256"),  # Django tells them apart by case
    ("admin", "admin@example.com", "", "", "pbkdf2_sha256"),
    ("gone", "gone@example.com", "", "", "pbkdf2_sha256"),
    ("google", "google@example.com", "Goo", "Gle", None),
    ("old", "old@example.com", "", "", "md5"),
]


class World:
    start = datetime(2024, 1, 1, 12, tzinfo=timezone.utc)

    def __init__(self):
        self.minutes = 0
        self.uuids = 0
        self.notes = {}

    def time(self):
        """A time later than the one before, with microseconds."""
        self.minutes += 1
        return self.start + timedelta(minutes=self.minutes, microseconds=self.minutes * 7)

    def uuid(self):
        """The same in each database."""
        self.uuids += 1
        return uuid.uuid5(uuid.NAMESPACE_URL, f"parley:{options.name}:{self.uuids}")

    def note(self, name, value):
        self.notes[name] = value

    def people(self, usernames=True):
        made = []
        for index, (username, email, first, last, algorithm) in enumerate(PEOPLE):
            if not usernames:
                email = f"{username}{index}@example.com" if email in ("", "not an address") or index == 4 else email
            password = make_password(f"password of {username}", hasher=algorithm) if algorithm else make_password(None)
            names = {"username": username} if usernames else {}
            made.append(get_user_model().objects.create(
                email=email, first_name=first, last_name=last, password=password,
                date_joined=self.start + timedelta(hours=index), last_login=None if index % 2 else self.time(),
                is_active=username != "gone", is_staff=username == "admin", is_superuser=username == "admin", **names,
            ))
        return made


call_command("makemigrations", *[app for app in apps if "." not in app], verbosity=0)
call_command("migrate", verbosity=0)
world = World()
project.fill(world)
if options.dump:
    call_command("dumpdata", indent=1, output=options.dump)
if options.notes and world.notes:
    Path(options.notes).write_text(json.dumps(world.notes, indent=2) + "\n")
