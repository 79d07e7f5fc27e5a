<?php
// Every PHP call path that the stacks half reports, against what PHP itself says of its frames.
//
//     php stack_php.php PROBE-LIBRARY
//
// Prints nothing and exits with 0 when all agree. FFI calls the probe as an extension calls its library: from C.

declare(strict_types=1);

$library = FFI::cdef('
    uint32_t n1_probe(char *out, size_t room);
    uint32_t n1_probe_on_thread(char *out, size_t room);
    uint32_t n1_probe_many(uint32_t count);
    void n1_probe_call(void (*callback)(void));
', $argv[1]);
$failures = [];
$checked = 0;

// Frames as the probe prints them: script frames only, or with "*" for native ones.
function probe(string $function = 'n1_probe'): array
{
    global $library;
    $buffer = $library->new('char[65536]');
    $id = $library->$function($buffer, 65536);
    return [$id, FFI::string($buffer)];
}

// What PHP says: debug_backtrace has, of each call, the place where it was made; so a function's name stands one entry
// further in than its line. Calls by C have no place.
function expected(): array
{
    $trace = debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS);
    array_shift($trace); // of expected() itself, in check()
    $frames = [];
    $count = count($trace);
    for ($i = 0; $i < $count; $i++) {
        if (!isset($trace[$i]['file'])) {
            continue;
        }
        // the function around the place: the next entry that is no function of C (those have no place inside)
        $around = null;
        for ($k = $i + 1; $k < $count && $around === null; $k++) {
            $name = $trace[$k]['function'];
            if (in_array($name, ['include', 'include_once', 'require', 'require_once', 'eval'], true)) {
                $around = $name === 'eval' ? 'eval' : 'include';
            } elseif (isset($trace[$k]['class']) ? (new ReflectionClass($trace[$k]['class']))->isUserDefined() || $name === '{closure}'
                                                 : (!function_exists($name) || (new ReflectionFunction($name))->isUserDefined())) {
                $class = explode("\0", $trace[$k]['class'] ?? '')[0]; // of an anonymous class, what is fit to print
                $around = ($class === '' ? '' : "$class::") . $name;
            }
        }
        $frames[] = basename($trace[$i]['file']) . ':' . $trace[$i]['line'] . '(' . ($around ?? '{main}') . ')';
    }
    return $frames;
}

function check(...$ignored): mixed
{
    global $failures, $checked;
    [$id, $text] = probe();
    $expected = expected();
    $parts = $text === '' ? [] : preg_split('/(?<=\)|\*) (?=\*|[^ ]*:\d+\(|[^ ]*\.php\(\d+\) : eval)/', $text);
    $found = array_values(array_filter($parts, fn ($part) => $part !== '*'));
    $found = array_slice($found, 2); // probe() and check()
    $checked++;
    if ($id === 0 || $found !== array_slice($expected, 0, count($found)) ||
        (count($found) < count($expected) && count($expected) < 200)) {
        $failures[] = [$found, $expected];
    }
    return $parts;
}

trait Named
{
    public function named()
    {
        return check();
    }
}

abstract class Base
{
    public function inherited()
    {
        return check();
    }
}

class Post extends Base implements ArrayAccess, IteratorAggregate, Countable, JsonSerializable
{
    use Named;

    public function author() { return check(); }
    public static function make() { return static::later(); }
    public static function later() { return check(); }
    public function __get($name) { return check(); }
    public function __call($name, $arguments) { return check(); }
    public static function __callStatic($name, $arguments) { return check(); }
    public function __toString() { check(); return 'post'; }
    public function __invoke() { return check(); }
    public function offsetGet(mixed $offset): mixed { return check(); }
    public function offsetSet(mixed $offset, mixed $value): void { check(); }
    public function offsetExists(mixed $offset): bool { check(); return true; }
    public function offsetUnset(mixed $offset): void { check(); }
    public function count(): int { check(); return 1; }
    public function jsonSerialize(): mixed { check(); return 1; }
    public function getIterator(): Iterator { check(); yield 1; check(); yield 2; }
    public function __destruct() { check(); }
}

function recursive(int $depth)
{
    if ($depth === 0) {
        return check();
    }
    $result = recursive($depth - 1);
    return $result;
}

function generator(int $count)
{
    for ($i = 0; $i < $count; $i++) {
        check();
        yield $i;
    }
    return 3;
}

function delegating(int $count)
{
    $result = yield from generator($count);
    check();
    yield from [1, 2];
    yield from innermost($count);
}

function innermost(int $count)
{
    yield from generator($count);
}

function with_finally()
{
    try {
        try {
            throw new RuntimeException('x');
        } catch (LogicException $never) {
        } finally {
            check();
        }
    } catch (RuntimeException $caught) {
        check();
    }
}

function over_lines($a, $b)
{
    return check(
        $a,
        $b,
    );
}

function fibers()
{
    $inner = new Fiber(function ($x) {
        recursive(2);
        Fiber::suspend(check());
        check();
    });
    $inner->start(1);
    recursive(1);
    $inner->resume();
}

function evaluated()
{
    eval('check();');
    eval("\n\n  check();");
    eval('function late' . mt_rand() . '() { return check(); }');
    eval('return (function () { return check(); })();');
}

$shapes = [
    fn () => (new Post())->author(), fn () => Post::make(), fn () => (new Post())->missing, fn () => (new Post())->gone(1),
    fn () => Post::nowhere(), fn () => (string) new Post(), fn () => (new Post())(), fn () => (new Post())['a'],
    function () { $post = new Post(); $post['a'] = 1; unset($post['b']); return isset($post['c']); },
    fn () => count(new Post()), fn () => json_encode([new Post()]), fn () => (new Post())->named(), fn () => (new Post())->inherited(),
    function () { foreach (new Post() as $value) { check(); } }, fn () => recursive(mt_rand(0, 40)), fn () => recursive(mt_rand(0, 3)),
    fn () => iterator_to_array(generator(3)), fn () => iterator_to_array(delegating(2), false), 'with_finally',
    fn () => over_lines(1, check()), 'fibers', 'evaluated', fn () => array_map(fn ($x) => check($x), [1, 2]),
    fn () => array_map('check', [1]), function () { $list = [3, 1, 2]; usort($list, function ($a, $b) { check(); return $a <=> $b; }); },
    fn () => array_filter([1, 2], fn ($x) => check() && true), fn () => call_user_func_array([new Post(), 'author'], []),
    fn () => array_walk($GLOBALS['walked'], function (&$value) { check(); }), fn () => preg_replace_callback('/b/', fn ($m) => (string) count(check()), 'abc'),
    fn () => (new ReflectionMethod('Post', 'author'))->invoke(new Post()), fn () => array_reduce([1, 2], fn ($a, $b) => check() && 1),
    fn () => (function () { return check(); })->call(new Post()), fn () => recursive(...)(2), fn () => (new class { public function hi() { return check(); } })->hi(),
];
$walked = [1, 2];

function from_files(): void
{
    $directory = sys_get_temp_dir() . '/n1-php-' . getmypid();
    mkdir($directory);
    foreach (['ascii.php', 'café.php', '文書.php', "\u{1f40d}.php", "\xff.php"] as $i => $name) {
        file_put_contents("$directory/$name", "<?php\n// a comment\nfunction été$i() { return check(); }\ncheck();\nété$i();\n");
        $i % 2 ? include "$directory/$name" : require_once "$directory/$name";
        unlink("$directory/$name");
    }
    rmdir($directory);
}

// Code that comes and goes at the same addresses.
function from_strings(): void
{
    for ($i = 0; $i < 60; $i++) {
        eval(str_repeat("\n", $i % 7) . 'check();');
        if ($i % 2) {
            eval('check();');
        }
    }
}

function merged_in_place(): void
{
    global $library, $failures;
    $parts = [];
    $library->n1_probe_call(function () use (&$parts) {
        $parts = explode(' ', array_map(fn ($x) => probe()[1], [1])[0]);
    });
    $kinds = implode('', array_map(fn ($part) => $part === '*' ? '*' : 's', $parts));
    // Compiled code has no unwind tables: its runs may stand behind the last native frame that was found.
    if (function_exists('opcache_get_status') && (opcache_get_status(false)['jit']['on'] ?? false)) {
        return;
    }
    // probe and the arrow function; array_map in C; the closure; FFI and the library; the rest; the program's start
    if ($kinds !== '*ss*s*ss*') {
        $failures[] = [$parts, ['order']];
    }
}

function on_foreign_thread(): void
{
    global $failures;
    [$id, $text] = probe('n1_probe_on_thread');
    if ($id === 0 || $text !== '*') {
        $failures[] = [[$text], ['foreign thread']];
    }
}

function in_forked_child(): void
{
    global $failures;
    $child = pcntl_fork();
    if ($child === 0) {
        $before = count($failures);
        recursive(4);
        posix_kill(getmypid(), count($failures) === $before ? SIGKILL : SIGTERM);
    }
    pcntl_waitpid($child, $status);
    if (pcntl_wtermsig($status) !== SIGKILL) {
        $failures[] = [['forked child'], ['differs']];
    }
}

function play(int $seed): void
{
    global $shapes;
    mt_srand($seed);
    for ($i = 0; $i < 400; $i++) {
        $shapes[mt_rand(0, count($shapes) - 1)]();
    }
}

function deep(int $depth): void
{
    global $library;
    if ($depth > 0) {
        deep($depth - 1);
        return;
    }
    $library->n1_probe_many(100);
    $start = hrtime(true);
    $library->n1_probe_many(1000000);
    printf("%d frames: %.1f ns\n", count(debug_backtrace()) + 1, (hrtime(true) - $start) / 1e6);
}

if (($argv[2] ?? '') === 'speed') {
    foreach ([5, 10, 30, 100] as $depth) {
        deep($depth - 2);
    }
    exit(0);
}
from_files();
from_strings();
merged_in_place();
on_foreign_thread();
in_forked_child();
recursive(1200);
foreach ($shapes as $shape) {
    $shape();
}
play(1);
foreach (array_slice($failures, 0, 3) as [$found, $expected]) {
    fwrite(STDERR, 'found:    ' . implode(' ', $found) . "\nexpected: " . implode(' ', $expected) . "\n");
}
if ($failures || $checked < 1000) {
    fwrite(STDERR, count($failures) . " of $checked stacks are wrong\n");
    exit(1);
}
