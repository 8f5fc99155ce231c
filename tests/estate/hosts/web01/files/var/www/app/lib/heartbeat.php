<?php
// Run by cron: says whether the database answers.
require __DIR__ . '/shop.php';
$customers = database()->query('SELECT COUNT(*) FROM customers')->fetchColumn();
echo date('c'), " $customers customers\n";
