<%@ page contentType="text/plain; charset=UTF-8" pageEncoding="UTF-8" trimDirectiveWhitespaces="true" import="java.nio.charset.*, java.nio.file.*" %><%
    Path notes = Paths.get("/var/lib/parts/notes.txt");
    request.setCharacterEncoding("UTF-8");
    String note = request.getParameter("note");
    if ("POST".equals(request.getMethod()) && note != null) {
        Files.write(notes, (note.replace("\n", " ") + "\n").getBytes("UTF-8"), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        response.setStatus(201);
    }
    if (Files.exists(notes)) {
        out.print(new String(Files.readAllBytes(notes), "UTF-8"));
    }
%>
