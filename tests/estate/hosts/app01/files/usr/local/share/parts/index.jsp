<%@ page contentType="text/html; charset=UTF-8" pageEncoding="UTF-8" import="java.io.*, java.util.*" %><%
    Properties settings = new Properties();
    try (Reader reader = new InputStreamReader(new FileInputStream("/etc/parts/parts.properties"), "UTF-8")) {
        settings.load(reader);
    }
    String[] parts = {"Nockenwelle", "Zündkerze", "Śruba M6", "ボルト"};
%><!doctype html>
<html><head><meta charset="utf-8"><title><%= settings.getProperty("catalogue.title") %></title></head>
<body><h1><%= settings.getProperty("catalogue.title") %></h1>
<ul>
<% for (int i = 0; i < parts.length; i++) { %><li><%= parts[i] %>: <%= String.format("%.2f", (i + 1) * 3.75) %> <%= settings.getProperty("catalogue.currency") %></li>
<% } %></ul>
<img src="chart.jsp" alt="stock">
</body></html>
