# Every Perl call path that the stacks half reports, against what Perl itself says of its frames.
#
#     perl stack_perl.pl PROBE-LIBRARY
#
# Prints nothing and exits with 0 when all agree. FFI::Platypus calls the probe as a database module calls its library: from C.
use strict;
use warnings;
no warnings 'recursion';
use utf8;
use threads;
use File::Temp;
use List::Util;
use Time::HiRes;

my $room = 1 << 18;
my $ffi;

# In each thread for itself: objects of FFI::Platypus are not to be cloned.
sub load_probe {
    require FFI::Platypus;
    $ffi = FFI::Platypus->new(api => 1, lib => $ARGV[0]);
    $ffi->attach([n1_probe => 'raw_probe'], ['opaque', 'size_t'] => 'uint32');
    $ffi->attach([n1_probe_on_thread => 'raw_foreign'], ['opaque', 'size_t'] => 'uint32');
    $ffi->attach([n1_probe_many => 'many'], ['uint32'] => 'uint32');
    $ffi->attach([n1_probe_call => 'from_c'], ['()->void'] => 'void');
}

our @failures;
our $checked = 0;

# The id, and the frames as the probe prints them.
sub probe {
    my ($function) = @_;
    my $buffer = "\0" x $room;
    my $id = $function->(unpack('J', pack('p', $buffer)), $room);
    return ($id, substr($buffer, 0, index($buffer, "\0")));
}

sub last_part { my ($path) = @_; $path =~ s{.*/}{}s; return $path }

# Frame by frame outwards: caller() says where a subroutine was called, so its name belongs to the line one further in.
# eval { } blocks are no frames of ours.
sub expected {
    my ($line) = @_;
    my @frames;
    my ($file, $at) = (__FILE__, $line);
    for (my $i = 1; my @caller = caller($i); $i++) {
        my ($sub, $is_eval_text, $is_require) = @caller[3, 6, 7];
        next if $sub eq '(eval)' && !defined $is_eval_text;
        my $name = $sub ne '(eval)' ? $sub : $is_require ? 'require' : '(eval)';
        push @frames, last_part($file) . ":$at($name)";
        ($file, $at) = @caller[1, 2];
    }
    push @frames, last_part($file) . ":$at(main program)";
    utf8::encode($_) for grep { utf8::is_utf8($_) } @frames;
    return @frames;
}

sub check {
    my ($id, $text) = probe(\&raw_probe);
    my @expected = expected(0);
    shift @expected;
    my @parts = split /(?<=[)*]) (?=\*|[^ ]*:\d+\(|\(eval \d+\))/, $text;
    my @found = grep { $_ ne '*' } @parts;
    splice @found, 0, 2;    # probe and check
    $checked++;
    my $same = @found <= @expected && (@found == @expected || @found > 200);
    $same &&= $found[$_] eq $expected[$_] for 0 .. $#found;
    push @failures, [\@found, \@expected] if !$same || !$id;
    return @parts;
}

package Post {
    use overload '""' => sub { main::check(); 'post' }, '<=>' => sub { main::check(); 0 }, 'bool' => sub { 1 };
    our $AUTOLOAD;
    sub new { my ($class) = @_; main::check(); return bless {}, $class }
    sub author { main::check(); return 1 }
    sub AUTOLOAD { return if $AUTOLOAD =~ /DESTROY/; main::check(); return 1 }
}
package Blog::Post { our @ISA = ('Post'); sub author { my $self = shift; return $self->SUPER::author } }
package Freed { sub new { bless [], shift } sub DESTROY { main::check() } }
package Tied { sub TIESCALAR { bless [], shift } sub FETCH { main::check(); 1 } sub STORE { main::check() } }
package main;

sub recursive {
    my ($depth) = @_;
    return scalar check() if $depth == 0;
    my @result = recursive($depth - 1);
    return scalar @result;
}

sub over_lines {
    return check(
        1,
        scalar check(),
    );
}

sub loops {
    for my $i (1 .. 2) {
        my $n = 0;
        while ($n++ < 1) {
            { check() if $i }
        }
    }
    check() foreach 1 .. 2;
}

sub dies {
    my $result = eval { eval { die { code => 1 } }; check(); die "x\n" };
    check() if $@;
    local $SIG{__DIE__} = sub { check() };
    eval { die 'again' };
    local $SIG{__WARN__} = sub { check() };
    warn 'nothing';
}

sub evaluated {
    eval 'check(); 1' or die;
    eval "\n\nsub { main::check() }->()";
    eval "#line 77 \"given.pl\"\ncheck()";
    eval 'sub late' . int(rand(1e9)) . ' { check() } 1' or die;
    eval 'eval q{check()}; check()';
}

# Blocks of one statement, whose line caller() gives only now and then: the frame must stand at it, or, where two branches' calls lead to the
# same op and nothing tells them apart, at the statement around it.
sub stands_at {
    my ($line, @also) = @_;
    my @parts = grep { $_ ne '*' } split /(?<=[)*]) (?=\*|[^ ]*:\d+\(|\(eval \d+\))/, (probe(\&raw_probe))[1];
    $checked++;
    my ($at) = $parts[2] =~ /:(\d+)\(/;
    push @failures, [[$parts[2]], ["line $line"]] if !grep { $_ == $at } $line, @also;
    return 1;
}

sub single_statements {
    my @rows = (1, 2);
    my $buffer = "\0" x $room;
    if (@rows) {
        stands_at(__LINE__);
    }
    unless (@rows > 5) {
        stands_at(__LINE__);
    }
    for my $row (@rows) {
        if ($row == 1) {
            stands_at(__LINE__, __LINE__ - 1);
        }
        else {
            stands_at(__LINE__, __LINE__ - 4);
        }
    }
    my $value = do {
        stands_at(__LINE__);
    };
    while (my $row = shift @rows) {
        if ($row) {
            stands_at(__LINE__);
        }
    }
    if ($value) {
        raw_probe(unpack('J', pack('p', $buffer)), $room);
    }
    my $line = __LINE__ - 2;
    push @failures, [[substr $buffer, 0, 60], ["line $line"]] if $buffer !~ /^(?:\* )?[^ ]*:$line\(/;
    my @sorted = sort { stands_at(__LINE__) } 2, 1;
    {
        stands_at(__LINE__);
    }
}

my $closure = sub { my $inner = sub { check() }; $inner->(); check() };
sub wanting { return wantarray ? check() : scalar(check()) }
sub goes { goto &recursive }
sub local_sort { return sort { check(); $a <=> $b } 3, 1, 2 }
sub by_number { check(); return $a <=> $b }
sub swapped($$) { check(); return $_[0] <=> $_[1] }

our @shapes = (
    sub { Post->new->author }, sub { Blog::Post->new->author }, sub { Post->new->gone }, sub { my $text = '' . Post->new },
    sub { my @sorted = sort { $a <=> $b } map { Post->new } 1 .. 3 }, sub { my $gone = Freed->new; undef $gone; },
    sub { tie my $tied, 'Tied'; $tied = 1; my $copy = $tied }, sub { recursive(int rand 40) }, sub { recursive(int rand 3) },
    \&over_lines, \&single_statements, \&loops, \&dies, \&evaluated, $closure, sub { my @all = wanting(); my $one = wanting() }, sub { goes(2) },
    \&local_sort, sub { my @sorted = sort by_number 3, 1, 2 }, sub { my @sorted = sort swapped 2, 1 },
    sub { my @mapped = map { check() } 1, 2 }, sub { my @kept = grep { check() } 1, 2 }, sub { List::Util::first { check(); 0 } 1, 2 },
    sub { List::Util::reduce { check(); $a + $b } 1, 2, 3 }, sub { my $text = 'abc'; $text =~ s/b/check(); 'x'/e },
    sub { &{\&recursive}(1) }, sub { my $name = 'author'; Post->new->$name }, sub { Post->can('author')->() },
    sub { my $text = 'a' =~ /a(?{ check() })/ }, sub { local $_ = 1; do { check() } while $_++ < 2 }, sub { use sort 'stable'; check() },
);

sub from_files {
    my $directory = File::Temp->newdir;
    my $number = 0;
    for my $name ('ascii.pl', "caf\x{e9}.pl", "\x{6587}\x{66f8}.pl", "\x{1f40d}.pl") {
        my $path = "$directory/$name";
        utf8::encode($path);
        open my $file, '>', $path or die;
        print $file "# a comment\npackage File$number;\nsub name { main::check() }\nmain::check();\nname();\n1;\n";
        close $file;
        $number++ % 2 ? do $path : require $path;
    }
}

# Code that comes and goes at the same addresses.
sub from_strings { eval(("\n" x ($_ % 7)) . 'check()') for 1 .. 60 }

sub merged_in_place {
    my @parts;
    my $called = $ffi->closure(sub { my @one = List::Util::first { @parts = check(); 1 } 1; });
    from_c($called);
    my $kinds = join '', map { $_ eq '*' ? '*' : 's' } @parts;

    # the probe; probe, check and the block; List::Util; the closure; FFI and the library; the rest; the program's start
    push @failures, [\@parts, ['order']] if $kinds !~ /^\*sss\*s\*ss\*$/;
}

sub on_foreign_thread {
    my ($id, $text) = probe(\&raw_foreign);
    push @failures, [[$text], ['foreign thread']] if !$id || $text ne '*';
}

sub in_forked_child {
    my $child = fork;
    if (!$child) {
        my $before = @failures;
        recursive(4);
        kill @failures == $before ? 'KILL' : 'TERM', $$;
    }
    waitpid $child, 0;
    push @failures, [['forked child'], ['differs']] if ($? & 127) != 9;
}

sub play {
    my ($seed) = @_;
    srand $seed;
    $shapes[rand @shapes]->() for 1 .. 200;
    return $checked < 200 ? ["$checked", 'more'] : map { ["@{$_->[0]}", "@{$_->[1]}"] } @failures;
}

sub deep {
    my ($depth) = @_;
    return deep($depth - 1) if $depth > 0;
    many(100);
    my $start = Time::HiRes::time();
    many(1_000_000);
    my $frames = 0;
    $frames++ while caller($frames);
    printf "%d frames: %.1f ns\n", $frames + 1, (Time::HiRes::time() - $start) * 1e3;
}

if (@ARGV > 1) {
    load_probe();
    deep($_ - 3) for 5, 10, 30, 100;
    exit 0;
}
my @threads = map { threads->create({context => 'list'}, sub { load_probe(); play($_[0]) }, $_) } 1 .. 3;
load_probe();
from_files();
from_strings();
merged_in_place();
on_foreign_thread();
recursive(1200);
$_->() for @shapes;
play(9);
push @failures, map { [[$_->[0]], [$_->[1]]] } $_->join for @threads;
in_forked_child();
print STDERR "found:    @{$_->[0]}\nexpected: @{$_->[1]}\n" for @failures > 3 ? @failures[0 .. 2] : @failures;
die scalar(@failures) . " of $checked stacks are wrong\n" if @failures || $checked < 500;
