package Ledger::Settings;

use strict;
use warnings;

sub read {
    my ($class, $path) = @_;
    my %settings;
    open my $file, '<', $path or die "$path: $!";
    while (<$file>) {
        $settings{$1} = $2 if /^(\w+)\s*=\s*(.*?)\s*$/;
    }
    return \%settings;
}

1;
