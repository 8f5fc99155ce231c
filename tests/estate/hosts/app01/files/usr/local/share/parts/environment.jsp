<%@ page contentType="text/plain; charset=UTF-8" pageEncoding="UTF-8" trimDirectiveWhitespaces="true" import="java.nio.charset.Charset, java.util.*" %>
encoding <%= Charset.defaultCharset() %>
locale <%= Locale.getDefault() %>
timezone <%= TimeZone.getDefault().getID() %>
user <%= System.getProperty("user.name") %>
java <%= System.getProperty("java.version") %>
