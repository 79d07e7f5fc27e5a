# A blog on ActiveRecord, as a Rails program has it: blog.rb PAGE. DATABASE_URL says where.
require "active_record"

ActiveRecord::Base.establish_connection(ENV.fetch("DATABASE_URL"))

class Author < ActiveRecord::Base
  has_many :posts
end

class Post < ActiveRecord::Base
  belongs_to :author
  has_and_belongs_to_many :tags

  def byline
    "by #{author.name}"
  end
end

class Tag < ActiveRecord::Base
  has_and_belongs_to_many :posts
end

def seed
  ActiveRecord::Schema.verbose = false
  ActiveRecord::Schema.define do
    create_table(:authors) { |t| t.string :name }
    create_table(:posts) { |t| t.string :title; t.references :author }
    create_table(:tags) { |t| t.string :name }
    create_join_table(:posts, :tags)
  end
  authors = Array.new(20) { |i| Author.create!(name: "author #{i}") }
  tags = Array.new(5) { |i| Tag.create!(name: "tag #{i}") }
  100.times { |i| Post.create!(title: "post #{i}", author: authors[i * 7 % 20], tags: [tags[i % 5], tags[(i + 1) % 5]]) }
end

def print_posts(posts)
  posts.each do |post|
    puts "#{post.title} #{post.byline}"
  end
end

def print_authors(authors)
  authors.each do |author|
    titles = author.posts.map(&:title)
    puts "#{author.name}: #{titles.join(", ")}"
  end
end

def print_counts(authors)
  authors.each do |author|
    puts "#{author.name}: #{author.posts.count}"
  end
end

def print_tags(posts)
  posts.each do |post|
    puts "#{post.title}: #{post.tags.map(&:name).sort.join(" ")}"
  end
end

PAGES = {
  "seed" => -> { seed },
  "slow_forward" => -> { print_posts(Post.order(:id)) },
  "fast_forward" => -> { print_posts(Post.includes(:author).order(:id)) },
  "slow_reverse" => -> { print_authors(Author.order(:id)) },
  "fast_reverse" => -> { print_authors(Author.includes(:posts).order(:id)) },
  "slow_count" => -> { print_counts(Author.order(:id)) },
  "slow_tags" => -> { print_tags(Post.order(:id)) },
  "fast_tags" => -> { print_tags(Post.preload(:tags).order(:id)) },
}.freeze

PAGES.fetch(ARGV[0]).call
