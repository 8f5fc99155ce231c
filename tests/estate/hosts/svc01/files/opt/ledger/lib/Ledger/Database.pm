package Ledger::Database;

use strict;
use warnings;

use DBI;

sub new {
    my ($class, $settings) = @_;
    my $handle = DBI->connect($settings->{dsn}, $settings->{user}, $settings->{password},
        { RaiseError => 1, PrintError => 0, pg_enable_utf8 => 1 });
    return bless { handle => $handle }, $class;
}

sub balances {
    my ($self) = @_;
    my $rows = $self->{handle}->selectall_arrayref('SELECT name, cents FROM balances ORDER BY name', { Slice => {} });
    return [ map { { name => $_->{name}, amount => sprintf('%.2f', $_->{cents} / 100) . ' EUR' } } @$rows ];
}

1;
