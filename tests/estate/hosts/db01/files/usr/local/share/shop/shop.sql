CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE USER 'app'@'10.77.%' IDENTIFIED BY 'estate-db-password';
GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO 'app'@'10.77.%';

USE shop;

CREATE TABLE customers (
  id INT PRIMARY KEY AUTO_INCREMENT,
  name VARCHAR(80) NOT NULL,
  city VARCHAR(80) NOT NULL
) ENGINE=InnoDB;

CREATE TABLE products (
  id INT PRIMARY KEY AUTO_INCREMENT,
  name VARCHAR(80) NOT NULL,
  price DECIMAL(8, 2) NOT NULL
) ENGINE=InnoDB;

CREATE TABLE orders (
  id INT PRIMARY KEY AUTO_INCREMENT,
  customer INT NOT NULL,
  product INT NOT NULL,
  quantity INT NOT NULL,
  ordered DATE NOT NULL,
  FOREIGN KEY (customer) REFERENCES customers (id),
  FOREIGN KEY (product) REFERENCES products (id)
) ENGINE=InnoDB;

CREATE TABLE visits (
  id INT PRIMARY KEY AUTO_INCREMENT,
  seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  page VARCHAR(80) NOT NULL
) ENGINE=InnoDB;

INSERT INTO customers (name, city) VALUES
  ('Zoë Müller', 'Köln'),
  ('Łukasz Żółty', 'Łódź'),
  ('王小明', '北京'),
  ('Ōno Haruki', '大阪'),
  ('O''Brien & Sons', 'Dún Laoghaire'),
  ('😀 Emoji Ltd', 'London');

INSERT INTO products (name, price) VALUES
  ('Bolt M8 × 40', 0.45),
  ('Crème brûlée torch', 24.90),
  ('Valve ½″', 7.15),
  ('Ω meter', 139.00);

INSERT INTO orders (customer, product, quantity, ordered)
SELECT c.id, p.id, c.id * p.id, DATE_ADD('2019-03-01', INTERVAL c.id * 7 + p.id DAY)
FROM customers c CROSS JOIN products p;
