# ActiveRecord scenarios: main.rb SCENARIO, over the plural tables, with the database in SCENARIO_DB.
require "active_record"

url = ENV.fetch("SCENARIO_DB")
if url.include?("=")
  words = url.split.to_h { |part| part.split("=") }
  ActiveRecord::Base.establish_connection(adapter: "postgresql", host: words["host"], port: words["port"],
                                          username: words["user"], database: words["dbname"])
else
  ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: url)
end

class Author < ActiveRecord::Base
  has_many :posts
  has_one :profile
  belongs_to :boss, class_name: "Author", optional: true
end

class Profile < ActiveRecord::Base
  belongs_to :author
end

class Tag < ActiveRecord::Base
end

class Post < ActiveRecord::Base
  belongs_to :author
  has_many :comments
  has_and_belongs_to_many :tags
end

class Comment < ActiveRecord::Base
  belongs_to :post
end

class Account < ActiveRecord::Base
end

def forward = Post.order(:id).each { |post| puts "#{post.title} #{post.author.name}" } # @rb_forward

def forward_includes = Post.includes(:author).each { |post| puts "#{post.title} #{post.author.name}" }

def forward_eager = Post.eager_load(:author).each { |post| puts "#{post.title} #{post.author.name}" }

def reverse = Author.all.each { |author| puts author.posts.map(&:title).inspect } # @rb_reverse

def reverse_includes = Author.includes(:posts).each { |author| puts author.posts.map(&:title).inspect }

def one_to_one = Author.all.each { |author| puts author.profile.bio } # @rb_one_to_one

def one_to_one_preload = Author.preload(:profile).each { |author| puts author.profile.bio }

def many_to_many = Post.all.each { |post| puts post.tags.map(&:name).inspect } # @rb_many_to_many

def many_to_many_includes = Post.includes(:tags).each { |post| puts post.tags.map(&:name).inspect }

def nested
  Author.all.each do |author|
    author.posts.each do |post| # @rb_nested_posts
      puts post.comments.map(&:body).inspect # @rb_nested_comments
    end
  end
end

def nested_includes
  Author.includes(posts: :comments).each { |a| a.posts.each { |p| puts p.comments.map(&:body).inspect } }
end

def count_each = Post.all.each { |post| puts post.comments.count } # @rb_count_each

def count_grouped = puts(Comment.group(:post_id).count.size)

def exists_each = Author.all.each { |author| puts author.posts.exists? } # @rb_exists_each

def first_each = Post.all.each { |post| puts post.comments.order(id: :desc).first&.body } # @rb_first_each

def find_each_forward = Post.find_each(batch_size: 20) { |post| puts post.author.name } # @rb_find_each_forward

def find_each_includes = Post.includes(:author).find_each(batch_size: 20) { |post| puts post.author.name }

def find_by_id_each = Comment.pluck(:post_id).each { |id| puts Post.find(id).title } # @rb_find_by_id_each

def create_each = 20.times { |i| Tag.create!(name: "new #{i}") } # @rb_create_each

def insert_all = Tag.insert_all((0...20).map { |i| { id: 1000 + i, name: "new #{i}" } })

def update_each = Post.all.each { |post| post.update!(title: post.title.upcase) } # @rb_update_each

def withdraw
  account = Account.find(1)
  account.update!(balance: account.balance - 5) # @rb_withdraw
end

def withdraw_locked
  account = Account.find(1)
  account.with_lock { account.update!(balance: account.balance - 5) }
end

def one_page
  post = Post.find(1)
  puts post.author.name, post.comments.size, post.tags.to_a.size
end

def joined = Post.joins(:author).pluck(:title, "authors.name").each { |row| puts row.inspect }

send(ARGV.fetch(0))
