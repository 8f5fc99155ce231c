<%@ page contentType="image/png" trimDirectiveWhitespaces="true" import="java.awt.*, java.awt.image.*, javax.imageio.*" %><%
    BufferedImage image = new BufferedImage(160, 60, BufferedImage.TYPE_INT_RGB);
    Graphics2D canvas = image.createGraphics();
    canvas.setColor(Color.WHITE);
    canvas.fillRect(0, 0, 160, 60);
    canvas.setColor(new Color(40, 90, 160));
    for (int i = 0; i < 8; i++) {
        canvas.fillRect(4 + i * 19, 56 - (i * 37 % 50), 14, i * 37 % 50);
    }
    canvas.dispose();
    ImageIO.write(image, "png", response.getOutputStream());
%>
