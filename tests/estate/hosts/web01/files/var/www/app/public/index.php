<?php
// Every address of the shop that is not a file comes here.
require '/var/www/app/lib/shop.php';
require '/var/www/app/lib/pages.php';

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$pages = [
    '/' => 'orders_page',
    '/report' => 'report_page',
    '/visit' => 'visit_page',
    '/upload' => 'upload_page',
    '/helper' => 'helper_page',
    '/mail' => 'mail_page',
    '/environment' => 'environment_page',
    '/health' => 'health_page',
];

try {
    if (isset($pages[$path])) {
        $pages[$path]();
    } elseif (str_starts_with($path, '/files/')) {
        file_page(rawurldecode(substr($path, strlen('/files/'))));
    } else {
        plain("no such page\n", 404);
    }
} catch (PDOException $error) {
    error_log($error->getMessage());
    plain("the database does not answer\n", 500);
}
