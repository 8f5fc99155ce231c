<?php
// The pages of the shop, one function each.

function orders_page(): void
{
    $rows = database()->query(
        'SELECT c.name AS customer, c.city, p.name AS product, o.quantity, o.quantity * p.price AS total
         FROM orders o JOIN customers c ON c.id = o.customer JOIN products p ON p.id = o.product
         ORDER BY o.id LIMIT 24'
    );
    setlocale(LC_ALL, '');
    $table = '';
    foreach ($rows as $row) {
        $total = number_format((float) $row['total'], 2, localeconv()['decimal_point'], '');
        $cells = [$row['customer'], $row['city'], $row['product'], (string) $row['quantity'], "$total EUR"];
        $table .= '<tr><td>' . implode('</td><td>', array_map('text', $cells)) . "</td></tr>\n";
    }
    page('Orders', "<table>\n$table</table>");
}

function report_page(): void
{
    $lines = '';
    $rows = reporting_database()->query(
        'SELECT c.city, SUM(o.quantity) AS pieces FROM orders o JOIN customers c ON c.id = o.customer
         GROUP BY c.id ORDER BY c.id'
    );
    foreach ($rows as $row) {
        $lines .= "{$row['city']}: {$row['pieces']}\n";
    }
    plain($lines);
}

function visit_page(): void
{
    $database = database();
    $database->prepare('INSERT INTO visits (page) VALUES (?)')->execute(['visit']);
    plain('visit ' . $database->lastInsertId() . "\n");
}

function upload_page(): void
{
    if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
        page('Upload', '<form method="post" enctype="multipart/form-data">'
            . '<input type="file" name="file"><button>Upload</button></form>');
        return;
    }
    $file = $_FILES['file'] ?? null;
    if (!$file || $file['error'] !== UPLOAD_ERR_OK) {
        plain("no file\n", 400);
        return;
    }
    $name = safe_name($file['name']);
    if (!move_uploaded_file($file['tmp_name'], settings()['shop']['uploads'] . "/$name")) {
        plain("cannot store $name\n", 500);
        return;
    }
    plain("/files/$name\n", 201);
}

function file_page(string $name): void
{
    $path = settings()['shop']['uploads'] . '/' . safe_name($name);
    if (!is_file($path)) {
        plain("no such file\n", 404);
        return;
    }
    header('Content-Type: application/octet-stream');
    header('Content-Length: ' . filesize($path));
    readfile($path);
}

function safe_name(string $name): string
{
    $name = preg_replace('/[^A-Za-z0-9._-]/', '_', basename($name));
    return ltrim($name, '.') ?: 'unnamed';
}

function helper_page(): void
{
    exec('/usr/local/bin/order-badge ' . escapeshellarg($_GET['text'] ?? 'order 1'), $lines, $status);
    plain(implode("\n", $lines) . "\nstatus $status\n", $status === 0 ? 200 : 500);
}

function mail_page(): void
{
    $shop = settings()['shop'];
    $sent = mail(trim($shop['mail_to'], '"'), 'A new order', "Somebody ordered something.\n",
        'From: ' . trim($shop['mail_from'], '"'));
    plain($sent ? "sent\n" : "not sent\n", $sent ? 200 : 500);
}

function environment_page(): void
{
    $locale = setlocale(LC_ALL, '');
    $lines = [
        'locale ' . ($locale === false ? 'unknown' : $locale),
        'LANG ' . (getenv('LANG') ?: 'unset'),
        'decimal point ' . localeconv()['decimal_point'],
        'timezone ' . date_default_timezone_get(),
        'uid ' . posix_geteuid() . ' (' . (posix_getpwuid(posix_geteuid())['name'] ?? 'nobody knows') . ')',
        'gid ' . posix_getegid(),
        sprintf('umask %04o', umask()),
        'host ' . gethostname(),
        'php ' . PHP_VERSION . ' ' . PHP_SAPI,
        'time ' . date('c'),
    ];
    plain(implode("\n", $lines) . "\n");
}

function health_page(): void
{
    try {
        database()->query('SELECT 1');
        plain("ok\n");
    } catch (PDOException $error) {
        plain("no database\n", 503);
    }
}
