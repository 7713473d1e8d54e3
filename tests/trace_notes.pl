#!/usr/bin/perl
# tests/trace_notes.pl [--write] FILE... -- the traces in the notes are what
# build/common/trace draws.
#
# A text block whose first line is `$ build/common/trace --untimed ...` is run
# again, and compared; --write puts what came out in its place. On a machine
# that is slow, a time limit in a lesson may run out, which is one more line: so
# there are five attempts. Other names for what differs: PORT.
use strict;
use warnings;
use Cwd qw(getcwd);
use File::Temp qw(tempdir);

my $write = @ARGV && $ARGV[0] eq '--write' && shift @ARGV;
my $root = getcwd();
my $build = $ENV{BUILD} // 'build';
my $wrong = 0;

sub drawn {
    my ($command) = @_;
    my $folder = tempdir(CLEANUP => 1);
    symlink "$root/$build", "$folder/build" or die "symlink: $!";
    system('cp', "$root/README.md", $folder) == 0 or die 'cp';
    my $picture = `cd $folder && timeout 60 $command 2>&1`;
    $picture =~ s{(127\.[\d.]+:|connect port )[3-6]\d{4}\b}{$1PORT}g;
    return $picture;
}

for my $path (@ARGV) {
    open my $in, '<', $path or die "$path: $!";
    my $text = do { local $/; <$in> };
    close $in;
    my $old = $text;
    $text =~ s{(```text\n\$\ (build/common/trace\ --untimed\ [^\n]*)\n)
            (.*?)(```\n)}{
        my ($head, $command, $shown, $tail) = ($1, $2, $3, $4);
        my $picture;
        for (1 .. 5) {
            $picture = drawn($command);
            last if $write || $picture eq $shown;
        }
        if ($picture ne $shown && !$write) {
            print "$path shows for $command\n$shown\nbut it draws\n$picture\n";
            $wrong = 1;
        }
        $head . ($write ? $picture : $shown) . $tail;
    }gsex;
    if ($write && $text ne $old) {
        open my $out, '>', $path or die "$path: $!";
        print $out $text;
        close $out;
    }
}
exit $wrong;
