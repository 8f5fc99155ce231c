"""Secrets in the statements of web servers and proxies: named by a directive, compared with, looked up in a table."""

from __future__ import annotations

import pytest

from tests.support.live import REDACTOR

SECRET = b"gEh3im77xQz9"
FORMS = (SECRET, b"im77xQz9", b"Z0VoM2ltNzd4UXo5", b"4155544820674568")
"""The secret, the end of it, in base64 and the beginning of it as HAProxy sends it."""
STATEMENTS = [
    b"  #proxy_set_header X-Api-Key gEh3im77xQz9;\n",
    b"## RequestHeader set X-Api-Key gEh3im77xQz9\n",
    b'map $http_x_api_key $ok {\n  default 0;\n  "gEh3im77xQz9" 1;\n}\n',
    b"map $http_x_api_key $ok {\n  default 0;\n  gEh3im77xQz9 shop;\n}\n",
    b'map $http_x_api_key $ok { default 0; "gEh3im77xQz9" shop; }\n',
    b"map $http_authorization $ok { default 0; gEh3im77xQz9 1; }\n",
    b'map $http_authorization $ok {\n default 0;\n "Basic YWRtaW46Z0VoM2ltNzd4UXo5" 1;\n}\n',
    b'map $http_x_api_key $ok {\n default 0;\n "~^gEh3im77xQz9$" 1;\n}\n',
    b"map $arg_token $ok {\n default 0;\n gEh3im77xQz9 1;\n}\n",
    b"map $cookie_auth_token $ok {\n default 0;\n gEh3im77xQz9 1;\n}\n",
    b'map "$http_x_api_key:$uri" $ok {\n default 0;\n "gEh3im77xQz9:/x" 1;\n}\n',
    b"map $host $api_key {\n default gEh3im77xQz9;\n}\n",
    b"map $host $upstream_password {\n a.example.org gEh3im77xQz9;\n}\n",
    b"map $host $api_key { default gEh3im77xQz9; }\n",
    b'if ($http_x_api_key != "gEh3im77xQz9") { return 403; }\n',
    b"if ($http_x_api_key != gEh3im77xQz9) { return 403; }\n",
    b"if ($arg_token !~ ^gEh3im77xQz9$) { return 403; }\n",
    b"  passenger_env_var DATABASE_PASSWORD gEh3im77xQz9;\n",
    b"server { passenger_env_var DATABASE_PASSWORD gEh3im77xQz9; }\n",
    b"location / { fastcgi_param DB_PASSWORD gEh3im77xQz9; include fastcgi_params; }\n",
    b"location / { proxy_set_header X-Api-Key gEh3im77xQz9; proxy_pass http://x; }\n",
    b'location / { proxy_set_header X-Api-Key "gEh3im77xQz9"; proxy_pass http://x; }\n',
    b"server { set $api_key gEh3im77xQz9; }\n",
    b"set $a b; set $api_key gEh3im77xQz9;\n",
    b"PassengerEnvVar DATABASE_PASSWORD gEh3im77xQz9\n",
    b"Define dbpass gEh3im77xQz9\n",
    b'Define DB_PASSWORD "gEh3im77xQz9"\n',
    b"php_value mysqli.default_pw gEh3im77xQz9\n",
    b"  php_admin_value mysqli.default_pw gEh3im77xQz9\n",
    b"php_admin_value[mysqli.default_pw] = gEh3im77xQz9\n",
    b"env[DB_PASSWORD] = gEh3im77xQz9\n",
    b"SetEnv DB_PW gEh3im77xQz9\n",
    b"SetEnvIf Host x DB_PASSWORD=gEh3im77xQz9\n",
    b"SetEnvIf X-Api-Key gEh3im77xQz9 allowed\n",
    b"SetEnvIf X-Api-Key ^gEh3im77xQz9$ allowed\n",
    b"SetEnvIfExpr \"req('X-Api-Key') == 'gEh3im77xQz9'\" allowed\n",
    b"Require expr \"%{HTTP:X-Api-Key} == 'gEh3im77xQz9'\"\n",
    b"RewriteCond %{HTTP:X-Api-Key} !^gEh3im77xQz9$\n",
    b"RewriteCond %{HTTP:X-Api-Key} !=gEh3im77xQz9\n",
    b"RewriteCond %{QUERY_STRING} token=gEh3im77xQz9\n",
    b"RewriteRule .* - [E=DB_PASSWORD:gEh3im77xQz9]\n",
    b"FcgidInitialEnv DB_PASSWORD gEh3im77xQz9\n",
    b"PerlSetVar DbPassword gEh3im77xQz9\n",
    b"WSGIDaemonProcess x python-home=/x db_password=gEh3im77xQz9\n",
    b'ProxyFCGISetEnvIf "true" DB_PASSWORD "gEh3im77xQz9"\n',
    b"MDExternalAccountBinding kid1 gEh3im77xQz9AbCdEf0123456789\n",
    b"RequestHeader set X-Api-Key gEh3im77xQz9\n",
    b'RequestHeader setifempty X-Api-Key "gEh3im77xQz9"\n',
    b"RequestHeader edit* X-Api-Key .* gEh3im77xQz9\n",
    b"Header always set X-Auth-Token gEh3im77xQz9\n",
    b'setenv.add-environment = ( "DB_PASSWORD" => "gEh3im77xQz9" )\n',
    b'setenv.add-request-header = ( "X-Api-Key" => "gEh3im77xQz9" )\n',
    b"  acl ok hdr(X-Api-Key) gEh3im77xQz9\n",
    b"  acl ok req.hdr(X-Api-Key) -m str gEh3im77xQz9\n",
    b"  acl ok req.hdr(X-Api-Key),lower -m str gEh3im77xQz9\n",
    b"  acl ok hdr(x-api-key) -i -m str gEh3im77xQz9\n",
    b"  acl ok req.hdr(X-Api-Key) eq gEh3im77xQz9\n",
    b"  acl ok hdr(X-Api-Key) AAAAbb11223344 gEh3im77xQz9\n",
    b"  acl ok url_param(token) gEh3im77xQz9\n",
    b"  acl ok urlp(api_key) -m str gEh3im77xQz9\n",
    b"  acl ok cook(auth_token) gEh3im77xQz9\n",
    b'  acl ok hdr(Authorization) "Basic YWRtaW46Z0VoM2ltNzd4UXo5"\n',
    b"  acl ok req.hdr(Authorization) Basic\\ YWRtaW46Z0VoM2ltNzd4UXo5\n",
    b'  acl ok req.hdr(authorization) -m str "Bearer gEh3im77xQz9"\n',
    b"  http-request deny unless { req.hdr(X-Api-Key) gEh3im77xQz9 }\n",
    b"  http-request deny unless { req.hdr(X-Api-Key) -m str gEh3im77xQz9 }\n",
    b'  http-request set-header Authorization "Basic\\ YWRtaW46Z0VoM2ltNzd4UXo5"\n',
    b"  http-request set-header Authorization Basic\\ YWRtaW46Z0VoM2ltNzd4UXo5\n",
    b"  http-request set-header Authorization Bearer\\ gEh3im77xQz9\n",
    b"  http-request set-header X-Api-Key gEh3im77xQz9 if { path_beg /x }\n",
    b"  http-request set-header X-Api-Key %[str(gEh3im77xQz9)]\n",
    b"  http-request set-var(txn.api_key) str(gEh3im77xQz9)\n",
    b"  setenv DB_PASSWORD gEh3im77xQz9\n",
    b"  presetenv DB_PASSWORD gEh3im77xQz9\n",
    b"  tcp-check send AUTH\\ gEh3im77xQz9\\r\\n\n",
    b'  tcp-check send "AUTH gEh3im77xQz9\\r\\n"\n',
    b"  tcp-check send PASS\\ gEh3im77xQz9\\r\\n\n",
    b'  tcp-check send "a1 LOGIN bob gEh3im77xQz9\\r\\n"\n',
    b"  tcp-check send a1\\ LOGIN\\ bob\\ gEh3im77xQz9\\r\\n\n",
    b"  tcp-check send AUTH\\ gEh3im77xQz9\\r\\n comment auth\n",
    b"  http-check send meth GET uri /x hdr X-Api-Key gEh3im77xQz9\n",
    b'  http-check send meth GET uri /x hdr Authorization "Basic\\ YWRtaW46Z0VoM2ltNzd4UXo5"\n',
    b"  option httpchk GET /x HTTP/1.0\\r\\nAuthorization:\\ Basic\\ YWRtaW46Z0VoM2ltNzd4UXo5\n",
    b"  option httpchk GET /x HTTP/1.0\\r\\nX-Api-Key:\\ gEh3im77xQz9\n",
    b"dn: cn=x\nolcRoot\n PW: gEh3im77xQz9\n",
    b"userPass\n word: gEh3im77xQz9\n",
    b"userPass\n word:: Z0VoM2ltNzd4UXo5\n",
    b"userP\n asswo\n rd: gEh3im77xQz9\n",
    b"userPass\n word: gEh3\n im77xQz9\n",
    b"acl ok req_header X-Api-Key ^gEh3im77xQz9$\n",
    b'SecRule REQUEST_HEADERS:X-Api-Key "!@streq gEh3im77xQz9" "id:1,phase:1,deny"\n',
    b"header_up X-Api-Key gEh3im77xQz9\n",
    b'geo $api_key {\n default "";\n 10.0.0.0/8 gEh3im77xQz9;\n}\n',
    b"  tcp-check send-binary 4155544820674568\n",
    b"userPassword: gEh3\n im77xQz9\n",
]


@pytest.mark.parametrize("text", STATEMENTS)
def test_no_statement_shows_its_secret(text: bytes) -> None:
    hidden = REDACTOR.text(text)

    assert not any(form in hidden for form in FORMS)
    assert hidden.count(b"\n") == text.count(b"\n")
    assert REDACTOR.text(hidden) == hidden


HARMLESS = [
    b"PassEnv DB_PASSWORD API_TOKEN\n",
    b"RequestHeader unset Authorization\n",
    b"Header unset X-Api-Key env=foo\n",
    b"Header set Vary Authorization always\n",
    b'add_header Access-Control-Allow-Headers "Authorization, X-Api-Key" always;\n',
    b"proxy_set_header Authorization $http_authorization;\n",
    b'proxy_set_header Authorization "";\n',
    b"proxy_set_header X-Api-Key $api_key;\n",
    b"fastcgi_param AUTH_TOKEN $http_x_auth_token;\n",
    b"proxy_pass_header Authorization;\n",
    b"proxy_hide_header X-Api-Key;\n",
    b"set $api_key $1;\n",
    b'set $token "${arg_token}";\n',
    b"set $skip_password 1;\n",
    b'if ($http_authorization = "") { return 401; }\n',
    b'if ($http_authorization !~ "^Basic ") { return 401; }\n',
    b'if ($http_x_api_key ~* "^$") { return 401; }\n',
    b"RewriteCond %{HTTP:Authorization} ^(.*)\n",
    b"RewriteCond %{HTTP:Authorization} .\n",
    b"RewriteCond %{HTTP:Authorization} ^Basic\\s+(.*)$\n",
    b"RewriteCond %{HTTP:Authorization} !^$\n",
    b"RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]\n",
    b'SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=$1\n',
    b"SetEnvIf Authorization ^(.+)$ HTTP_AUTHORIZATION=$1\n",
    b"SetEnvIfNoCase X-Api-Key .+ has_key\n",
    b'RequestHeader set X-Auth-Token "%{AUTH_TOKEN}e"\n',
    b"RequestHeader set Authorization %{TOKEN}e env=TOKEN\n",
    b"acl has_key hdr(X-Api-Key) -m found\n",
    b"acl has_auth req.hdr(Authorization) -m found\n",
    b"acl keys hdr(X-Api-Key) -m str -f /etc/haproxy/keys.lst\n",
    b"http-request set-header X-Api-Key %[req.hdr(X-Token)]\n",
    b"http-request deny unless { req.hdr(X-Api-Key) -m found }\n",
    b"http-request set-var(txn.token) req.hdr(Authorization)\n",
    b"http-request del-header Authorization if internal\n",
    b"http-request auth realm x unless authenticated\n",
    b"tcp-check send PING\\r\\n\n",
    b"tcp-check expect string +PONG\n",
    b"tcp-check connect port 6379\n",
    b"php_value session.cookie_secure 1\n",
    b"php_admin_value session.hash_function sha256\n",
    b"php_value max_input_vars 3000\n",
    b"Define APACHE_LOG_DIR /var/log/apache2\n",
    b"Define SECRET_FILE /etc/apache2/secret\n",
    b"fastcgi_param HTTPS on;\n",
    b"map $http_upgrade $connection_upgrade { default upgrade; '' close; }\n",
    b'map $uri $token { default ""; }\n',
    b'map $http_authorization $auth_ok { default 0; "" 0; "~.+" 1; }\n',
    b'map $http_authorization $has_basic { default 0; "~*^Basic " 1; }\n',
    b"map $cookie_sessionid $backend { default web1; }\n",
    b"auth required pam_unix.so\n",
    b"password sufficient pam_unix.so sha512\n",
    b"the api_key parameter\n",
    b"alias show_password showpw\n",
    b"server_tokens off;\n",
    b"ssl_session_tickets off;\n",
    b"auth_request_set $token $upstream_http_x_token;\n",
    b"limit_req_zone $http_x_api_key zone=x:10m rate=1r/s;\n",
    b"location /token { proxy_pass http://auth; }\n",
    b"log_format x '$http_x_api_key $status';\n",
    b"Header always set Strict-Transport-Security max-age=3\n",
    b"proxy_cache_key $uri;\n",
    b'proxy_cache_key "$scheme$host$http_authorization";\n',
    b"ssl_password_file /etc/nginx/pw;\n",
    b"ssl_certificate_key /etc/nginx/k.pem;\n",
    b'grpc_set_header Authorization "Bearer $token";\n',
    b'SecRule REQUEST_HEADERS:Authorization "@rx ^Basic" "id:1,phase:1"\n',
    b'SecRule &REQUEST_HEADERS:X-Api-Key "@eq 0" "id:1"\n',
    b"option http-server-close\n",
    b"set password_policy strict\n",
    b"set -o pipefail\n",
    b"set hive.security.authorization.enabled true\n",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_names_or_tests_a_secret_stays(text: bytes) -> None:
    assert REDACTOR.text(text) == text


def test_a_long_table_is_read_to_its_end() -> None:
    """Each of 5,000 keys is hidden, and nothing behind the table."""
    rows = b"".join(b"  gEh3im77xQz9%d shop%d;\n" % (n, n) for n in range(5000))
    hidden = REDACTOR.text(b"map $http_x_api_key $shop {\n  default none;\n" + rows + b"}\nserver_name a1b2c3d4.org;\n")

    assert SECRET not in hidden
    assert hidden.count(b"<redacted") == 5000
    assert hidden.endswith(b"}\nserver_name a1b2c3d4.org;\n")
