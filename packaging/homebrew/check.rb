# Runs the formula's `install` without Homebrew: check.rb SOURCE PREFIX [BINARY [FORMULA]]. Knows just what the formula uses.
# With BINARY, `cargo install` copies that file instead of building: a second optimised build takes the gate four minutes.
require "fileutils"
require "pathname"

SOURCE, PREFIX, BINARY, FORMULA = ARGV.map { |path| Pathname.new(path) }

class Pathname
  def install(what)
    FileUtils.mkdir_p(self)
    pairs = what.is_a?(Hash) ? what.to_a : Array(what).map { |file| [file, File.basename(file)] }
    raise "nothing to install into #{self}" if pairs.empty?
    pairs.each { |from, to| FileUtils.cp(from, self / to) }
  end
end

# What `brew audit --strict` asks of the lines that need no brew to be read.
module Rules
  def desc(text)
    raise "desc is too long" if text.length > 80
    raise "desc begins with an article, a small letter or the formula's name" if text =~ /\A(an?|the|eksso)\b|\A[a-z]/i && text !~ /\A[A-Z](?!n?\s)/
    raise "desc ends with a full stop" if text.end_with?(".")
  end

  def homepage(text) = address(text)
  def url(text) = address(text)
  def sha256(text) = (text =~ /\A(\h{64}|@SHA256:.*@)\z/) || raise("sha256 is none")
  def license(what) = what.is_a?(Hash) && what.keys == [:any_of] || raise("license is no SPDX list")
  def depends_on(what) = what == { "rust" => :build } || raise("an unknown dependency")
  def test = nil

  def address(text)
    raise "#{text} is not https" unless text.start_with?("https://", "@")
  end
end

class Formula
  extend Rules
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
eval(File.read(FORMULA || "packaging/homebrew/eksso.rb.in"))
Eksso.new.install
