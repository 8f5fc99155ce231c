"""Pages of the inventory of spare parts."""

import configparser
import locale
import os
import pathlib
import pwd
import sqlite3
import subprocess
import time

from flask import Flask, jsonify, request

CONFIG = "/opt/app/config.ini"
FIRST_PARTS = [("Dichtung Ø 40", 120), ("Łożysko 6204", 15), ("轴承", 4), ("Ventil ½″", 37)]

config = configparser.ConfigParser()
config.read(CONFIG, encoding="utf-8")

application = Flask(__name__)
application.config["JSON_AS_ASCII"] = False
application.config["JSON_SORT_KEYS"] = False


def database():
    connection = sqlite3.connect(config["storage"]["database"], timeout=5)
    connection.row_factory = sqlite3.Row
    return connection


def prepare():
    """A new installation starts with a few parts."""
    application.secret_key = config["security"]["session_secret"]
    with database() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS parts (id INTEGER PRIMARY KEY, name TEXT UNIQUE, stock INTEGER)")
        connection.executemany("INSERT OR IGNORE INTO parts (name, stock) VALUES (?, ?)", FIRST_PARTS)


@application.route("/")
def index():
    return application.make_response((config["server"]["title"] + "\n", 200, {"Content-Type": "text/plain"}))


@application.route("/parts", methods=["GET"])
def parts():
    with database() as connection:
        return jsonify([dict(row) for row in connection.execute("SELECT * FROM parts ORDER BY id")])


@application.route("/parts", methods=["POST"])
def add_part():
    part = request.get_json(force=True)
    with database() as connection:
        added = connection.execute(
            "INSERT INTO parts (name, stock) VALUES (?, ?)", (str(part["name"]), int(part.get("stock", 0)))
        )
    return jsonify({"id": added.lastrowid}), 201


@application.route("/fingerprint")
def fingerprint():
    """Rarely asked for, and the only page that needs another program."""
    text = request.args.get("text", "").encode()
    digest = subprocess.run(
        ["/usr/bin/openssl", "dgst", "-sha256", "-r"], input=text, stdout=subprocess.PIPE, check=True
    ).stdout
    return jsonify({"sha256": digest.split()[0].decode()})


@application.route("/environment")
def environment():
    return jsonify(
        {
            "locale": locale.setlocale(locale.LC_ALL, ""),
            "lang": os.environ.get("LANG"),
            "filesystem": os.fsencode("ß").hex(),
            "uid": os.getuid(),
            "user": pwd.getpwuid(os.getuid()).pw_name,
            "cwd": str(pathlib.Path.cwd()),
            "timezone": time.strftime("%Z"),
            "host": os.uname().nodename,
        }
    )


@application.route("/health")
def health():
    with database() as connection:
        connection.execute("SELECT 1 FROM parts LIMIT 1")
    return "ok\n"
