#!/usr/bin/perl
# common/exercise/grade.pl LESSON [COMMAND] -- grade a program of a student's.
#
# Builds exercises/LESSON.c, unless COMMAND starts the program, and runs it
# through the stages of common/exercise/LESSON.pl, against our other end. Ends
# at the first stage that fails; status 0 if none did.
#
# In the environment: ALL=1 goes on after a failed stage; HINT=1 gives a second
# hint; REPORT=file adds a line to that file: exercise, stages passed, stages,
# SHA-256 of the source. STAGE=n runs that stage alone.
use strict;
use warnings;
use Cwd qw(abs_path);
use Digest::SHA;
use File::Basename qw(dirname);
use Text::ParseWords qw(shellwords);
use lib dirname(abs_path(__FILE__));
use Grader;
use Process;
use Reading qw(describe);

$| = 1;
my ($lesson, $command) = @ARGV;
my $here = 'common/exercise';
my $build = $ENV{BUILD} || 'build';

sub give_up {
    print STDERR "$_\n" for @_;
    exit 1;
}

my @exercises = split /\n/, `sh $here/exercise.sh --list`;
if (!defined $lesson || $lesson eq '' || !grep { $_ eq $lesson } @exercises) {
    print STDERR "usage: make grade LESSON=msg/basic_recv [CMD='...']\n",
        "LESSON is one of:\n", map { "  $_\n" } @exercises;
    exit 2;
}

# The program: what CMD says, or what is built of the source.
my ($program, $source, @failed_build);
if (defined $command && $command =~ /\S/) {
    @Grader::command = shellwords($command);
    unshift @Grader::command, 'env' if $Grader::command[0] =~ /^\w+=/;
    ($source) = grep { -f } reverse @Grader::command;
    $program = $command;
} else {
    $program = "$build/exercises/$lesson";
    $source = -d "exercises/$lesson" ? "exercises/$lesson/main.c"
        : "exercises/$lesson.c";
    give_up("there is no $source: make exercise LESSON=$lesson begins one",
        "in another language: make grade LESSON=$lesson CMD='python3 mine.py'")
        if !-f $source;
    # Through the shell, so that what the compiler says goes where it belongs.
    if (system("make -s BUILD=$build $program >&2") != 0) {
        @failed_build = ('not ok it can be built: see above');
    }
    @Grader::command = ($program);
}

require "./$here/$lesson.pl";
my $total = @Grader::stages;

$SIG{INT} = sub { Grader::finish_stage(); exit 130 };
$SIG{TERM} = $SIG{HUP} = sub { Grader::finish_stage(); exit 143 };

my $pad = ' ' x 4;

# A text in lines of at most 78 columns.
sub wrapped {
    my ($text, $indent) = @_;
    my ($line, @lines) = ('');
    for my $word (split ' ', $text) {
        if (length("$indent$line $word") > 78 && $line ne '') {
            push @lines, $line;
            $line = $word;
        } else {
            $line = $line eq '' ? $word : "$line $word";
        }
    }
    return join "\n$indent", @lines, $line;
}

sub labelled {
    my ($label, $text) = @_;
    my $indent = ' ' x 13;
    $text =~ s/([^\n\x20-\x7e])/sprintf '\\x%02x', ord $1/ge;
    $text = join "\n$indent", map { wrapped($_, $indent) } split /\n/, $text;
    printf "    %-8s %s\n", $label, $text;
}

sub explain {
    my ($failure) = @_;
    my $f = ref $failure ? $failure : { expected => '', came => $failure };
    print "\n";
    labelled('expected', $f->{expected});
    labelled('came', $f->{came} . ($f->{where} ? "   ($f->{where})" : ''));
    labelled('sent was', describe($f->{bytes})) if defined $f->{bytes};
    labelled($_->[0], $_->[1]) for @{ $f->{beside} // [] };
    print "\n";
    labelled('why', $f->{why}) if $f->{why};
    labelled('notes', $f->{notes}) if $f->{notes};
    if ($ENV{HINT}) {
        labelled('hint', $f->{hint}) if $f->{hint};
    }
    print "\n    to see it by hand:\n";
    my $terminal = 1;
    for (@{ $f->{hand} }) {
        (my $by_hand = $_) =~ s/\bYOU\b/$program/g;
        print "    terminal ", $terminal++, " \$ $by_hand\n";
    }
    print "\n    what happened, in seconds:\n";
    print_log();
    print "\n    HINT=1 says more\n" if !$ENV{HINT} && $f->{hint};
    print "\n";
}

sub run_all {
    my ($passed, $failed) = (0, 0);
    for my $n (1 .. $total) {
        next if $ENV{STAGE} && $ENV{STAGE} != $n;
        my $stage = $Grader::stages[$n - 1];
        my $failure = Grader::run_stage($n);
        if (ref $failure && $failure->{skip}) {
            print "skip  $n $stage->{name}: $failure->{skip}\n";
            $passed++;
        } elsif (!$failure) {
            printf "ok %4d %-58s %5.2f s\n", $n, $stage->{name},
                $stage->{seconds};
            $passed++;
        } else {
            print "not ok $n $stage->{name}\n";
            explain($failure);
            $failed++;
        }
        Grader::finish_stage();
        last if $failed && !$ENV{ALL};
    }
    return ($passed, $failed);
}

my ($passed, $failed) = (0, 0);
print "$lesson: $program\n";
if (@failed_build) {
    print "@failed_build\n";
    $failed = 1;
} else {
    ($passed, $failed) = run_all();
}

my $hash = '-';
if (defined $source && -f $source) {
    $hash = Digest::SHA->new(256)->addfile($source)->hexdigest;
}
my $line = join("\t", $lesson, $passed, $total, $hash) . "\n";
if ($ENV{REPORT}) {
    open my $report, '>>', $ENV{REPORT} or give_up("$ENV{REPORT}: $!");
    print $report $line;
}
if (-d 'exercises' && !$ENV{STAGE}) {
    my $state = 'exercises/.progress';
    my @others;
    if (open my $old, '<', $state) {
        @others = grep { !/^\Q$lesson\E\t/ } <$old>;
    }
    open my $new, '>', "$state.$$" or give_up("$state: $!");
    print $new @others, $line;
    close $new;
    rename "$state.$$", $state or give_up("$state: $!");
}

print "$passed of $total stages\n";
if ($failed || (!$ENV{STAGE} && $passed < $total)) {
    exit 1;
}
if (!$ENV{STAGE}) {
    my $ours = "Ours is $lesson" . (-d $lesson ? '/' : '.c');
    print "\n", wrapped("$ours. $Grader::solved", ''), "\n";
}
