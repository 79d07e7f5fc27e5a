# Sequel scenarios: main.rb SCENARIO, over the plural tables, with the database in SCENARIO_DB.
require "sequel"

url = ENV.fetch("SCENARIO_DB")
DB = if url.include?("=")
       words = url.split.to_h { |part| part.split("=") }
       Sequel.postgres(words["dbname"], host: words["host"], port: words["port"], user: words["user"])
     else
       Sequel.sqlite(url)
     end

class Author < Sequel::Model
  one_to_many :posts
  one_to_one :profile
end

class Profile < Sequel::Model
  many_to_one :author
end

class Tag < Sequel::Model
end

class Post < Sequel::Model
  many_to_one :author
  one_to_many :comments
  many_to_many :tags, join_table: :posts_tags, left_key: :post_id, right_key: :tag_id
end

class Comment < Sequel::Model
  many_to_one :post
end

class Account < Sequel::Model
end

def forward = Post.order(:id).all { |post| puts post.title }.each { |post| puts post.author.name } # @sq_forward

def forward_eager = Post.order(:id).eager(:author).all.each { |post| puts post.author.name }

def reverse = Author.all.each { |author| puts author.posts.map(&:title) } # @sq_reverse

def reverse_eager = Author.eager(:posts).all.each { |author| puts author.posts.map(&:title) }

def one_to_one = Author.all.each { |author| puts author.profile&.bio } # @sq_one_to_one

def many_to_many = Post.all.each { |post| puts post.tags.map(&:name) } # @sq_many_to_many

def many_to_many_eager = Post.eager(:tags).all.each { |post| puts post.tags.map(&:name) }

def count_each = Post.all.each { |post| puts post.comments_dataset.count } # @sq_count_each

def dataset_each
  DB[:posts].select(:id, :author_id).all.each do |row|
    puts DB[:authors].where(id: row[:author_id]).get(:name) # @sq_dataset_each
  end
end

def joined = DB[:posts].join(:authors, id: :author_id).select(:title, :name).all.each { |row| puts row[:name] }

def update_each = Post.all.each { |post| post.update(views: 0) } # @sq_update_each

def insert_each = 20.times { |n| DB[:jobs].insert(state: "new", payload: "p#{n}") } # @sq_insert_each

def multi_insert = DB[:jobs].multi_insert(60.times.map { |n| { state: "new", payload: "p#{n}" } })

def one_page
  post = Post[5]
  puts post.title, post.author.name, post.comments.map(&:body) if post
end

send(ARGV[0])
