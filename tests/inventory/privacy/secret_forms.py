"""Lines with a secret in every syntax that redaction claims to know, and secrets to put into them."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from inventory.privacy.redaction import Redactor
from inventory.privacy.secrets import values

REDACTOR = Redactor(b"0123456789abcdef0123456789abcdef")

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
# What a password may be made of in each syntax: the syntax's own delimiters are left out, nothing else.
PLAIN = LETTERS + "!#%*+-._~^@/:=?"
QUOTED = PLAIN + " $&(),;<>[]{}|"
EVERYTHING = QUOTED + "äß€"

FORMS: tuple[tuple[str, str], ...] = (
    ("password = SECRET", EVERYTHING),
    ("password=SECRET", PLAIN),
    ("    password: SECRET", EVERYTHING),
    ("# password = SECRET", PLAIN),
    ('DB_PASS: "SECRET"', EVERYTHING),
    ("DB_PASSWORD='SECRET'", EVERYTHING),
    ("export PGPASSWORD=SECRET", PLAIN),
    ("PGPASSWORD=SECRET psql -h db01", PLAIN),
    ("      - MYSQL_ROOT_PASSWORD=SECRET", PLAIN),
    ("spring.datasource.password=SECRET", PLAIN),
    ("$config['db']['password'] = 'SECRET';", EVERYTHING),
    ("define('DB_PASSWORD', 'SECRET');", EVERYTHING),
    ("define( 'DB_PASSWORD' , \"SECRET\" );", EVERYTHING),
    ("'pass' => 'SECRET',", EVERYTHING),
    ('{"user": "app", "password": "SECRET", "host": "db01"}', EVERYTHING),
    ('{\\"password\\":\\"SECRET\\"}', PLAIN),
    ('String dbPassword = "SECRET";', EVERYTHING),
    ("password := `SECRET`", PLAIN),
    ('password: str = "SECRET"', EVERYTHING),
    ("props.setProperty(\"db.password\", \"SECRET\");", EVERYTHING),
    ("<password>SECRET</password>", QUOTED.replace("<", "").replace(">", "")),
    ("<db:password type=\"x\">SECRET</db:password>", PLAIN),
    ("<password><![CDATA[SECRET]]></password>", QUOTED.replace("]", "")),
    ('<property name="connection.password">SECRET</property>', PLAIN),
    ('<property name="password" value="SECRET"/>', QUOTED.replace("<", "").replace(">", "")),
    ('<Resource username="app" password="SECRET" url="jdbc:mysql://db01/app"/>', QUOTED),
    ("GRANT ALL ON app.* TO 'app'@'%' IDENTIFIED BY 'SECRET';", QUOTED),
    ("ALTER USER app IDENTIFIED WITH mysql_native_password BY 'SECRET'", QUOTED),
    ("CREATE ROLE app LOGIN PASSWORD 'SECRET';", QUOTED),
    ("db01:5432:app:app:SECRET", LETTERS + "!#%*+-._~^@=?"),
    ("machine ftp.example.org login app password SECRET", PLAIN),
    ("mysql://app:SECRET@db01:3306/app?ssl=1", LETTERS + "!%*+-._~^@:="),
    ("url = 'postgresql+psycopg2://app:SECRET@db01/app'", LETTERS + "!%*+-._~^@:="),
    ("redis://:SECRET@cache01:6379/0", LETTERS + "!%*+-._~^:="),
    ("jdbc:oracle:thin:scott/SECRET@db01:1521:orcl", LETTERS + "!%*+-._~^"),
    ("jdbc:mysql://db01/app?user=app&password=SECRET&useSSL=false", LETTERS + "!%*+-._~^@:/"),
    ("Server=db01;User Id=app;Password=SECRET;Database=app", LETTERS + "!%*+-._~^@:/"),
    ("dsn = \"host=db01 user=app password=SECRET dbname=app\"", LETTERS + "!%*+-._~^@:/"),
    ("//srv/share /mnt cifs username=app,password=SECRET,uid=0 0 0", LETTERS + "!%*+-._~^@:/"),
    ("ExecStart=/usr/bin/app --password=SECRET --port 80", PLAIN),
    ("ExecStart=/usr/bin/app --password SECRET --port 80", LETTERS + "!%*+._~^@:/="),
    ("/usr/bin/app --db-password 'SECRET' --port 80", QUOTED),
    ("java -Ddb.password=SECRET -jar /opt/app/app.jar", PLAIN),
    ("keytool -storepass SECRET -list", LETTERS + "!%*+._~^@:/="),
    ("* * * * * root mysqldump -uroot -pSECRET app", LETTERS + "!%*+._~^@:/="),
    ("mysql -u root -p'SECRET' app", QUOTED),
    ("sshpass -p SECRET ssh app@db01", LETTERS + "!%*+._~^@:/="),
    ("curl -u app:SECRET http://db01/", LETTERS + "!%*+._~^@:/="),
    ("curl --user 'app:SECRET' http://db01/", QUOTED),
    ("redis-cli -h cache01 -a SECRET ping", LETTERS + "!%*+._~^@:/="),
    ("ldapsearch -x -D cn=admin -w SECRET -b dc=x", LETTERS + "!%*+._~^@:/="),
    ("smbclient //srv/share -U app%SECRET", LETTERS + "!*+._~^@:/="),
    ("echo 'app:SECRET' | chpasswd", LETTERS + "!*+._~^@/="),
    ("Environment=DB_PASSWORD=SECRET LANG=C", PLAIN),
    ('Environment="DB_PASSWORD=SECRET" LANG=C', EVERYTHING),
    ("SetEnv DB_PASSWORD SECRET", PLAIN),
    ("fastcgi_param DB_PASSWORD SECRET;", LETTERS + "!%*+._~^@:/="),
    ("requirepass SECRET", PLAIN),
    ("bindpw SECRET", PLAIN),
    ('    secret "SECRET";', QUOTED),
    ("user app on ~* +@all >SECRET", LETTERS + "!%*+._~^@:/="),
    ("stats auth admin:SECRET", LETTERS + "!%*+._~^@/="),
    ('psk="SECRET"', QUOTED),
    ("Authorization: Bearer SECRET", LETTERS + "-._~+/"),
    ("secretKeyBase: SECRET", EVERYTHING),
    ("password=&quot;SECRET&quot;", PLAIN),
)  # fmt: skip

KEY_BLOCK = b"""-----BEGIN RSA PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED

MIIEpAIBAAKCAQEA7bq2
a0FhZm9vYmFyYmF6cXV4
-----END RSA PRIVATE KEY-----
"""


def is_no_word_with_a_meaning(secret: str) -> bool:
    """Switches (``no``), references (``$X``), openings of structures and blanks are no secrets by design."""
    raw = secret.encode()
    return (
        len(secret.strip()) >= 6
        and secret.lower() not in "redacted password secret passwd"  # would be found in the form itself
        and secret == secret.strip()
        and not values.is_switch(raw)
        and not values.is_reference(raw)
        and not values.is_path(raw)
        and re.search(r"[A-Za-z0-9]{3}", secret) is not None
        and secret[0].isalnum()
        and secret[-1].isalnum()
    )


@st.composite
def secret_in_form(draw: st.DrawFn) -> tuple[str, str]:
    form, alphabet = draw(st.sampled_from(FORMS))
    secret = draw(st.text(alphabet, min_size=6, max_size=40).filter(is_no_word_with_a_meaning))
    return form, secret
