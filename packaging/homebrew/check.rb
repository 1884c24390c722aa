# Runs the formula's `install` without Homebrew: check.rb SOURCE PREFIX [BINARY]. Knows just what the formula uses.
# With BINARY, `cargo install` copies that file instead of building: a second optimised build takes the gate four minutes.
require "fileutils"
require "pathname"

SOURCE, PREFIX, BINARY = ARGV.map { |path| Pathname.new(path) }

class Pathname
  def install(what)
    FileUtils.mkdir_p(self)
    pairs = what.is_a?(Hash) ? what.to_a : Array(what).map { |file| [file, File.basename(file)] }
    raise "nothing to install into #{self}" if pairs.empty?
    pairs.each { |from, to| FileUtils.cp(from, self / to) }
  end
end

class Formula
  %i[desc homepage url sha256 license depends_on test].each { |name| define_singleton_method(name) { |*| } }
  def std_cargo_args = ["--locked", "--root", PREFIX.to_s, "--path", "."]
  def bash_completion = PREFIX / "etc/bash_completion.d"
  def zsh_completion = PREFIX / "share/zsh/site-functions"
  def fish_completion = PREFIX / "share/fish/vendor_completions.d"
  def man1 = PREFIX / "share/man/man1"
  def system(*args)
    return (PREFIX / "bin").install(BINARY) if BINARY && args == ["cargo", "install", *std_cargo_args]
    Kernel.system(*args.map(&:to_s)) || raise("failed: #{args.join(" ")}")
  end
end

Dir.chdir(SOURCE)
eval(File.read("packaging/homebrew/eksso.rb.in"))
Eksso.new.install
