<?php
// What all pages of the shop share: its settings, its database, and the frame of a page.

function settings(): array
{
    static $settings = null;
    $settings ??= parse_ini_file('/etc/app/app.ini', true, INI_SCANNER_RAW);
    return $settings;
}

function database(): PDO
{
    $db = settings()['database'];
    $dsn = "mysql:host={$db['host']};port={$db['port']};dbname={$db['name']};charset=utf8mb4";
    return connect($dsn);
}

// The reports were moved to another server once; since then they have an address of their own.
function reporting_database(): PDO
{
    return connect(trim(settings()['reporting']['dsn'], '"'));
}

function connect(string $dsn): PDO
{
    $db = settings()['database'];
    return new PDO($dsn, $db['user'], $db['password'], [
        PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
        PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
        PDO::ATTR_TIMEOUT => 3,
    ]);
}

function text(string $value): string
{
    return htmlspecialchars($value, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

function plain(string $body, int $status = 200): void
{
    http_response_code($status);
    header('Content-Type: text/plain; charset=utf-8');
    echo $body;
}

function page(string $title, string $body): void
{
    header('Content-Type: text/html; charset=utf-8');
    $shop = text(trim(settings()['shop']['title'], '"'));
    echo "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>", text($title), " - $shop</title>",
        "<link rel=\"stylesheet\" href=\"/shop.css\"></head>\n<body><h1>$shop</h1>\n",
        "<nav><a href=\"/\">Orders</a> <a href=\"/report\">Report</a> <a href=\"/upload\">Upload</a></nav>\n",
        $body, "\n</body></html>\n";
}
