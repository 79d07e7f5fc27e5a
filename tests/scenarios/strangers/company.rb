# ActiveRecord: scopes, counter cache, delegate, polymorphic, through, includes
require "active_record"
ActiveRecord::Base.establish_connection(adapter: "sqlite3", database: ENV["SCENARIO_DB"])
ActiveRecord::Schema.verbose = false
ActiveRecord::Schema.define do
  create_table(:companies) { |t| t.string :name; t.integer :employees_count, default: 0 }
  create_table(:employees) { |t| t.string :name; t.references :company; t.references :manager }
  create_table(:skills) { |t| t.string :name }
  create_table(:employee_skills) { |t| t.references :employee; t.references :skill }
  create_table(:pictures) { |t| t.string :url; t.references :imageable, polymorphic: true }
  create_table(:projects) { |t| t.string :name; t.references :company; t.string :state }
end
class Company < ActiveRecord::Base
  has_many :employees; has_many :projects; has_one :picture, as: :imageable
  scope :big, -> { where("employees_count > 2") }
  def open_projects = projects.where(state: "open").to_a # @company_1
end
class Employee < ActiveRecord::Base
  belongs_to :company, counter_cache: true; belongs_to :manager, class_name: "Employee", optional: true
  has_many :employee_skills; has_many :skills, through: :employee_skills
  has_many :pictures, as: :imageable
  delegate :name, to: :company, prefix: true # @company_2
end
class Skill < ActiveRecord::Base; end
class EmployeeSkill < ActiveRecord::Base; belongs_to :employee; belongs_to :skill; end
class Picture < ActiveRecord::Base; belongs_to :imageable, polymorphic: true; end
class Project < ActiveRecord::Base; belongs_to :company; end
Company.insert_all((1..8).map { |i| { id: i, name: "c#{i}", employees_count: 4 } })
Employee.insert_all((1..32).map { |i| { id: i, name: "e#{i}", company_id: i % 8 + 1, manager_id: i > 4 ? i % 4 + 1 : nil } })
Skill.insert_all((1..5).map { |i| { id: i, name: "s#{i}" } })
EmployeeSkill.insert_all((1..64).map { |i| { employee_id: i % 32 + 1, skill_id: i * 3 % 5 + 1 } })
Picture.insert_all((1..20).map { |i| { url: "u#{i}", imageable_type: i.even? ? "Company" : "Employee", imageable_id: (i * i * 5 + i / 3) % 8 + 1 } })
Project.insert_all((1..24).map { |i| { name: "p#{i}", company_id: i % 8 + 1, state: i.odd? ? "open" : "shut" } })
def listing
  Employee.order(:name).each { |e| puts "#{e.name} #{e.company_name}" }
end
def skills
  Employee.all.each { |e| puts e.skills.map(&:name).join(",") } # @company_3
end
def managers
  Employee.where.not(manager_id: nil).each { |e| puts e.manager.name } # @company_4
end
def counted
  Company.big.each { |c| puts c.employees.size }
end
def counted_slowly
  Company.big.each { |c| puts c.projects.count } # @company_5
end
def images
  Picture.all.each { |p| puts p.imageable.name } # @company_6
end
def eager
  Employee.includes(:company, :skills, :manager).each { |e| puts e.company.name, e.skills.size, e.manager&.name }
  Picture.includes(:imageable).each { |p| p.imageable.name }
  Company.preload(:projects).each { |c| c.projects.select { |p| p.state == "open" }.size }
end
listing; skills; managers; counted; counted_slowly; images; eager
Company.all.each { |c| c.open_projects.size }
Company.find_each(batch_size: 3) { |c| puts c.picture&.url } # @company_7
[3, 5, 2].each { |i| e = Employee.find(i); puts e.company.name, e.skills.count }
