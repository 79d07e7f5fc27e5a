# Every Ruby call path that the stacks half reports, against what Ruby itself says of its frames.
#
#     ruby stack_ruby.rb PROBE-LIBRARY
#
# Prints nothing and exits with 0 when all agree. Fiddle calls the probe as a database gem calls its library: from C; it
# releases the GVL while it does.
require 'fiddle'
require 'tmpdir'

LIBRARY = Fiddle.dlopen(ARGV[0])
PROBE = Fiddle::Function.new(LIBRARY['n1_probe'], [Fiddle::TYPE_VOIDP, Fiddle::TYPE_SIZE_T], Fiddle::TYPE_INT)
FOREIGN = Fiddle::Function.new(LIBRARY['n1_probe_on_thread'], [Fiddle::TYPE_VOIDP, Fiddle::TYPE_SIZE_T], Fiddle::TYPE_INT)
MANY = Fiddle::Function.new(LIBRARY['n1_probe_many'], [Fiddle::TYPE_INT], Fiddle::TYPE_INT)
CALL = Fiddle::Function.new(LIBRARY['n1_probe_call'], [Fiddle::TYPE_VOIDP], Fiddle::TYPE_VOID)

$failures = []
$checked = 0
$lock = Mutex.new

def probe(function = PROBE)
  buffer = "\0".b * 65_536
  id = function.call(buffer, buffer.bytesize)
  [id, buffer[0...buffer.index("\0")].force_encoding('UTF-8')]
end

# Frames of methods written in C stand in Ruby's own list with the line of their caller; ours leaves them out. Frames of the
# core that are written in Ruby ("<internal:kernel>") are in both or, with another line, in one.
INTERNAL = /\A(<internal:|[^ ]*\.rb>:)/
IN_C = ObjectSpace.each_object(Module).flat_map do |owner|
  (owner.instance_methods(false) + owner.private_instance_methods(false)).select do |name|
    owner.instance_method(name).source_location.nil?
  end
end.map(&:to_s).uniq.to_h { |name| [name, true] }

# The frames that Ruby lists, less those that only C can have made where ours has none.
def agrees?(found, locations)
  locations = locations.select(&:path) # a C frame with no script around it
  texts = locations.map { |l| "#{File.basename(l.path)}:#{l.lineno}(#{l.label})" }
  used = 0
  locations.each_with_index do |location, i|
    if used < found.size && texts[i] == found[used]
      used += 1
    elsif !INTERNAL.match?(texts[i]) && !(IN_C[location.label] && same_place?(location, locations[i + 1]))
      return used == found.size && used >= 100 # cut
    end
  end
  used == found.size
end

def same_place?(one, other)
  other && (one.path == other.path && one.lineno == other.lineno || other.path.start_with?('<internal:'))
end

def check(*)
  id, text = probe
  expected = caller_locations(1)
  # names hold blanks ("block in x"): between frames a blank follows ")" or "*"
  parts = text.split(/(?<=\)|\*) (?=\*|[^ ]*:\d+\()/)
  found = parts.reject { |part| part == '*' }.drop_while { |part| part =~ /\((check|probe)\)\z/ }
  found = found.reject { |part| part.match?(INTERNAL) }
  $lock.synchronize do
    $checked += 1
    $failures << [found, expected] if id == 0 || !agrees?(found, expected)
  end
  parts
end

class Post
  attr_writer :x

  def author = check
  def self.make = check
  def method_missing(name, *) = name == :gone ? check : super
  def respond_to_missing?(*) = true
  define_method(:dynamic) { check }
  def to_s
    check
    'post'
  end

  def <=>(other)
    check
    0
  end
  include Comparable

  class << self
    def of_class = check
  end

  module Inner
    def self.deep = [1].each { |_| check }
  end
end

module Wrapped
  def author
    check
    super
  end
end

def recursive(depth) = depth.zero? ? check : [recursive(depth - 1)]

def with_ensure
  raise ArgumentError, 'x'
rescue ArgumentError
  check
ensure
  check
end

def generator
  Enumerator.new do |out|
    3.times do |i|
      check
      out << i
    end
  end
end

def over_lines(a, *)
  check(
    a,
    2
  )
end

def keywords(a: 1, b: check)
  [a, b]
end

def yielding
  yield 1
  yield 2
end

def fiber_frames
  inner = Fiber.new do
    recursive(2)
    Fiber.yield check
    check
  end
  2.times { inner.resume }
  external = generator
  external.next
  recursive(1)
  external.next
end

def evaluated
  eval('check', binding, 'given.rb', 77)
  eval("\n\ncheck")
  Object.new.instance_eval { check }
  Post.class_eval('def late; check; end', 'late.rb', 5)
  Post.new.late
  Class.new { def hello(*) = check }.new.hello
end

SHAPES = [
  -> { Post.new.author }, -> { Post.make }, -> { Post.of_class }, -> { Post.new.gone }, -> { Post.new.dynamic },
  -> { "#{Post.new}" }, -> { [Post.new, Post.new, Post.new].sort }, -> { Post::Inner.deep },
  -> { Post.new.extend(Wrapped).author }, -> { recursive(rand(40)) }, -> { recursive(rand(3)) }, -> { with_ensure },
  -> { generator.to_a }, -> { generator.lazy.map { |x| check && x }.first(2) }, -> { over_lines(1) }, -> { keywords },
  -> { yielding { |_| check } }, -> { [3, 1, 2].sort_by { |x| check && -x } }, -> { [1, 2].map(&method(:check)) },
  -> { [1, 2].inject { |a, _| check && a } }, -> { { a: 1 }.each_pair { |_, _| check } }, -> { fiber_frames },
  -> { evaluated }, -> { catch(:done) { throw :done, check } }, -> { proc { check }.call }, -> { check.then { |_| check } },
  -> { method(:recursive).to_proc.call(2) }, -> { Post.new.send(:author) }, -> { Post.instance_method(:author).bind_call(Post.new) },
  -> { 'abc'.gsub(/b/) { check && 'x' } }, -> { begin; Integer('x'); rescue ArgumentError; check; end },
  -> { [[1, [2]]].each { |(a, (b))| check(a, b) } }, -> { for i in 1..2 do check(i) end },
].freeze

def from_files
  Dir.mktmpdir do |directory|
    ['ascii.rb', 'café.rb', '文書.rb', "\u{1f40d}.rb", "#{'long' * 40}.rb"].each_with_index do |name, i|
      path = File.join(directory, name)
      File.write(path, "# a comment\nclass File#{i}; def fée = check; end\ncheck\nFile#{i}.new.fée\n")
      load path
      require path
    end
  end
end

# Instruction sequences that come and go at the same addresses.
def from_strings
  600.times do |i|
    eval("#{"\n" * (i % 7)}check", binding, "string-#{i % 11}.rb")
    GC.start if (i % 20).zero?
  end
  GC.compact if GC.respond_to?(:compact)
  recursive(3)
end

def merged_in_place
  parts = []
  closure = Class.new(Fiddle::Closure) { define_method(:call) { parts = check } }.new(Fiddle::TYPE_VOID, [])
  CALL.call(closure)
  kinds = parts.map { |part| part == '*' ? '*' : 's' }.join
  # Compiled code has no unwind tables: its runs may stand behind the last native frame that was found.
  return if %i[YJIT MJIT].any? { |jit| RubyVM.const_defined?(jit) && RubyVM.const_get(jit).enabled? }

  # the probe and fiddle; check, probe and the closure; fiddle, the library, fiddle; the rest and the program's start
  $failures << ['order', parts] unless kinds =~ /\A\*s+\*s+\*s*\*?\z/
end

def on_foreign_thread
  id, text = probe(FOREIGN)
  $failures << ['foreign thread', text] unless id != 0 && text == '*'
end

def in_forked_child
  before = $failures.size
  child = fork do
    recursive(4)
    exit!($failures.size == before ? 0 : 1)
  end
  Process.wait(child)
  $failures << ['forked child', 'differs'] unless $?.success?
end

def play(seed)
  chooser = Random.new(seed)
  150.times { SHAPES[chooser.rand(SHAPES.size)].call }
end

def main
  from_files
  from_strings
  merged_in_place
  on_foreign_thread
  in_forked_child
  recursive(1200)
  SHAPES.each(&:call)
  threads = Array.new(4) { |seed| Thread.new { play(seed) } }
  play(9)
  threads.each(&:join)
  Fiber.new { recursive(30) }.resume
  $failures.first(3).each { |found, expected| warn "found:    #{found}\nexpected: #{expected}" }
  abort "#{$failures.size} of #{$checked} stacks are wrong" if !$failures.empty? || $checked < 1000
end

if ARGV[1] == 'speed'
  def deep(n) = n.zero? ? [1].each { MANY.call(100); s = Process.clock_gettime(Process::CLOCK_MONOTONIC); MANY.call(1_000_000); puts "#{caller.size} frames: #{((Process.clock_gettime(Process::CLOCK_MONOTONIC) - s) * 1e3).round(1)} ns" } : deep(n - 1)
  [5, 10, 30, 100].each { |n| deep(n) }
else
  main
end
