"""Which files hold a secret, so that they are left out whole."""

from __future__ import annotations

import pytest

from inventory.privacy.secrets.file_examination import file_holds_secret
from inventory.privacy.secrets.recognition import finds
from tests.inventory.privacy.secret_forms import KEY_BLOCK


def test_finds_gives_lines_and_never_values() -> None:
    hits = finds(b"[db]\nhost = db01\npassword = Hunter2\n", "/etc/app/app.ini")
    assert [hit.line for hit in hits] == [3]
    assert "Hunter2" not in repr(hits)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/etc/app/app.ini", b"[db]\nhost = db01\npassword = geheim\n"),
        ("/etc/shadow", b""),
        ("/etc/ssh/ssh_host_rsa_key", b""),
        ("/home/app/.ssh/id_ed25519", b""),
        ("/var/www/.htpasswd", b"app:abJnggxhB/yWI\n"),
        ("/etc/app/app.jks", b""),
        ("/etc/app/store", b"\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1\0\0\0\1"),
        ("/etc/krb5.keytab", b""),
        ("/root/.pgpass", b""),
        ("/root/.netrc", b""),
        ("/root/.git-credentials", b""),
        ("/etc/app/tls.pem", KEY_BLOCK),
        ("/var/www/config.php", b"<?php\n$db_password = 'geheim';\n"),
        ("/var/www/db.php", b"<?php\nmysql_connect('db01', 'app');\n$conf = array('db_pass' => 'apppass');\n"),
        ("/etc/app/app.conf", b"url = mysql://app:secret@db01/app # geheim\n"),
        ("/opt/app/settings.py", b'SECRET_KEY = "a8f5f167f44f4964e6c998dee827110c"\n'),
        ("/opt/app/run.sh", b"#!/bin/sh\nDB_PASSWORD=geheim\nexport DB_PASSWORD\n"),
        ("/opt/app/conf.xml", b"<a>\n<password>geheim</password>\n</a>\n"),
        ("/srv/app/hosts.csv", b"host;user;password\ndb01;root;geheim\n"),
        ("/srv/app/users.sql", b"INSERT INTO users (login, password) VALUES ('anna', 'geheim');\n"),
        ("/opt/app/mail.php", b"<?php\n$config = ['user' => 'anna', 'pass' => 'geheim'];\n"),
        ("/opt/app/app.rb", b"ENV['APP_PASSWORD'] ||= 'geheim'\n"),
        ("/opt/app/setup.sh", b"smbpasswd -s -a anna <<EOF\ngeheim\ngeheim\nEOF\n"),
        ("/opt/app/app.go", b'db, err := sql.Open("mysql", "app:geheim@tcp(db01:3306)/app")\n'),
        ("/opt/app/deploy.log", b"+ curl -u deploy:geheim https://ci.example\n"),
        ("/home/anna/notes.md", b"- root password: geheim7\n"),
    ],
)
def test_a_file_with_a_secret_is_known_and_the_reason_names_no_value(path: str, content: bytes) -> None:
    reason = file_holds_secret(content, path)
    assert reason
    assert "geheim" not in reason


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/etc/nsswitch.conf", b"passwd: files\ngroup: files\n"),
        ("/etc/ssh/sshd_config", b"PasswordAuthentication no\nHostKey /etc/ssh/ssh_host_rsa_key\n"),
        ("/etc/ssh/ssh_host_rsa_key.pub", b"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC root@web01\n"),
        ("/etc/redis/redis.conf", b"port 6379\n# requirepass foobared\n"),
        ("/var/www/login.php", b"<?php\n$password = $_POST['password'];\n$label['password'] = 'Your password';\n"),
        ("/opt/app/forms.py", b'password = forms.CharField(label="Password")\nif password == other:\n    pass\n'),
        ("/usr/share/doc/README.md", b"password: hunter2\n"),
        ("/etc/ssl/certs/java/cacerts", b"\xfe\xed\xfe\xed\0\0\0\2\0\0\0\0"),
        ("/lib/systemd/system/x.service", b"#  SPDX-License-Identifier: LGPL-2.1-or-later\n[Service]\nUser=app\n"),
        ("/opt/app/countries.json", b'{"PT": "Portugal", "PW": "Palau", "PY": "Paraguay", "QA": "Qatar"}\n'),
        (
            "/opt/app/mode-c.js",
            b'{ token: "support.function.C99.c", regex: "x" }\n{ regex: /x/, token: "variable-2" }\n',
        ),
        ("/opt/app/schema.conf", b"ldap_default_authtok = str, None, false\n"),
        ("/etc/app/tls.conf", b"ciphers = ALL:!aNULL:!PSK:!RC4:!ADH:!LOW@STRENGTH\n"),
        ("/opt/app/LocalStrings_de.properties", b"login.noPassword=Kein Kennwort angegeben, siehe RFC2617\n"),
        ("/etc/app/bacula.conf", b'Password = "XXX_DIRPASSWORD_XXX"\n'),
        ("/etc/app/jabber.php", b"<?php\nconst PasswordSender1 = 'PasswordSender1';\n"),
        ("/usr/share/app/api.php", b"<?php\n$map = ['setPassword' => 'bool', 'db_pass' => 'user_password'];\n"),
        ("/usr/share/app/font.otf", b"$#$.$9$?$J$N$W$\\$a$f{\n"),
        (
            "/etc/freeradius/mods-available/passwd",
            b"passwd etc_passwd {\n\tfilename = /etc/passwd\n\thash_size = 100\n}\n",
        ),
        ("/usr/lib/js/highlight.js", b'{token:"punctuation",regex:"x"}\n'),
    ],
)
def test_an_innocent_file_is_not_left_out(path: str, content: bytes) -> None:
    assert file_holds_secret(content, path) is None
